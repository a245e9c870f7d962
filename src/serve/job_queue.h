#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "serve/engine.h"
#include "serve/http.h"

namespace ascribe::serve {

struct Job {
  enum class State : std::uint8_t { kQueued, kRunning, kDone, kFailed };
  std::uint64_t number = 0;
  std::string case_id;
  State state = State::kQueued;
  std::string step, error;
  std::uint64_t done = 0, total = 0;
  std::uint64_t ahead = 0;    ///< jobs that come before it
  std::uint64_t version = 0;  ///< grows with every change
  [[nodiscard]] std::string Id() const;
  [[nodiscard]] bool over() const { return state == State::kDone || state == State::kFailed; }
  [[nodiscard]] std::string ToJson() const;  ///< one line
};

/// Investigations, one at a time: each uses all cores and much memory, and the ledger takes one writer. Thread-safe.
class JobQueue {
 public:
  static constexpr std::size_t kMaxWaiting = 16;      ///< more is a mistake of a script
  static constexpr std::size_t kMaxRemembered = 200;  ///< finished ones that can still be asked for
  static constexpr std::size_t kMaxListeners = 32;    ///< event streams at a time: each holds a connection

  explicit JobQueue(const Engine& engine);
  ~JobQueue();  ///< as Stop
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  /// Queues a case; one that waits already is not queued twice. Errors: kUnavailable (the queue is full, or stopping).
  [[nodiscard]] Result<Job> Add(const std::string& case_id, std::filesystem::path case_folder,
                                std::filesystem::path out);
  [[nodiscard]] std::optional<Job> Find(std::string_view id) const;
  [[nodiscard]] std::vector<Job> List() const;  ///< newest first
  /// Waits for at most half a second until the job is newer than `version`.
  [[nodiscard]] std::optional<Job> WaitForChange(std::string_view id, std::uint64_t version) const;
  /// "progress" events, then one "done". Null: too many listen already.
  [[nodiscard]] std::shared_ptr<EventStream> Listen(const std::string& id);

  /// Ends the running job early, forgets the waiting ones, and waits for both.
  void Stop();

 private:
  struct Waiting {
    std::uint64_t number;
    std::filesystem::path case_folder, out;
  };
  class Stream;
  void Work();
  [[nodiscard]] std::optional<Job> FindLocked(std::string_view id) const;
  void Change(std::uint64_t number, const std::function<void(Job&)>& change);

  const Engine& engine_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::uint64_t, Job> jobs_;
  std::deque<Waiting> waiting_;
  std::uint64_t next_ = 1;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> listeners_{0};
  std::thread worker_;
};

}  // namespace ascribe::serve
