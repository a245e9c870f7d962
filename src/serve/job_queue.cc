#include "serve/job_queue.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace ascribe::serve {
namespace {

constexpr std::string_view kPrefix = "job-";

std::string_view StateName(Job::State state) {
  switch (state) {
    case Job::State::kQueued:
      return "queued";
    case Job::State::kRunning:
      return "running";
    case Job::State::kDone:
      return "done";
    case Job::State::kFailed:
      break;
  }
  return "failed";
}

}  // namespace

std::string Job::Id() const { return std::string(kPrefix) + std::to_string(number); }

std::string Job::ToJson() const {
  const nlohmann::ordered_json json = {
      {"id", Id()},
      {"case", case_id},
      {"state", StateName(state)},
      {"step", TerminalSafe(step)},
      {"done", done},
      {"total", total},
      {"ahead", ahead},
      {"error", error.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(TerminalSafe(error))}};
  return json.dump(-1, ' ', true);
}

class JobQueue::Stream : public EventStream {
 public:
  Stream(JobQueue& queue, std::string id) : queue_(queue), id_(std::move(id)) {}
  ~Stream() override { --queue_.listeners_; }

  Piece Next() override {
    const std::optional<Job> job = queue_.WaitForChange(id_, seen_);
    if (!job) return {"", true};
    if (job->version == seen_) {
      // A comment now and then: a client that is gone shows only when something is written to it.
      return {++idle_ % 20 == 0 ? ": waiting\n\n" : "", queue_.stop_};
    }
    seen_ = job->version;
    idle_ = 0;
    return {fmt::format("event: {}\ndata: {}\n\n", job->over() ? "done" : "progress", job->ToJson()), job->over()};
  }

 private:
  JobQueue& queue_;
  std::string id_;
  std::uint64_t seen_ = 0;
  unsigned idle_ = 0;
};

JobQueue::JobQueue(const Engine& engine) : engine_(engine), worker_([this] { Work(); }) {}
JobQueue::~JobQueue() { Stop(); }

Result<Job> JobQueue::Add(const std::string& case_id, std::filesystem::path case_folder, std::filesystem::path out) {
  const std::lock_guard lock(mutex_);
  if (stop_) return Fail(ErrorCode::kUnavailable, "the server is stopping");
  for (const Waiting& waiting : waiting_)
    if (jobs_.at(waiting.number).case_id == case_id) return *FindLocked(jobs_.at(waiting.number).Id());
  if (waiting_.size() >= kMaxWaiting)
    return Fail(ErrorCode::kUnavailable, fmt::format("{} investigations wait already; try again later", kMaxWaiting));
  Job job;
  job.number = next_++;
  job.case_id = case_id;
  job.version = 1;
  jobs_.emplace(job.number, job);
  waiting_.push_back({job.number, std::move(case_folder), std::move(out)});
  // Numbers grow, so the oldest stand first; those that are not over are at most kMaxWaiting + 1.
  for (auto it = jobs_.begin(); it != jobs_.end() && jobs_.size() > kMaxRemembered;)
    it = it->second.over() ? jobs_.erase(it) : std::next(it);
  changed_.notify_all();
  return *FindLocked(job.Id());
}

std::optional<Job> JobQueue::FindLocked(std::string_view id) const {
  if (!id.starts_with(kPrefix)) return std::nullopt;
  const std::optional<std::uint64_t> number = ParseDecimal(id.substr(kPrefix.size()));
  const auto found = number ? jobs_.find(*number) : jobs_.end();
  if (found == jobs_.end() || found->second.Id() != id) return std::nullopt;
  Job job = found->second;
  if (job.state == Job::State::kQueued)
    for (const auto& [other, earlier] : jobs_)
      if (other < job.number && !earlier.over()) ++job.ahead;
  return job;
}

std::optional<Job> JobQueue::Find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  return FindLocked(id);
}

std::vector<Job> JobQueue::List() const {
  const std::lock_guard lock(mutex_);
  std::vector<Job> list;
  for (auto it = jobs_.rbegin(); it != jobs_.rend(); ++it) list.push_back(*FindLocked(it->second.Id()));
  return list;
}

std::optional<Job> JobQueue::WaitForChange(std::string_view id, std::uint64_t version) const {
  std::unique_lock lock(mutex_);
  std::optional<Job> job;
  changed_.wait_for(lock, std::chrono::milliseconds(500), [&] {
    job = FindLocked(id);
    return stop_ || !job || job->version > version;
  });
  return job;
}

std::shared_ptr<EventStream> JobQueue::Listen(const std::string& id) {
  if (++listeners_ > kMaxListeners) {
    --listeners_;
    return nullptr;
  }
  return std::make_shared<Stream>(*this, id);
}

void JobQueue::Change(std::uint64_t number, const std::function<void(Job&)>& change) {
  const std::lock_guard lock(mutex_);
  Job& job = jobs_.at(number);
  change(job);
  ++job.version;
  // Those behind it see another place in the queue.
  if (job.over())
    for (auto& [other, waiting] : jobs_)
      if (waiting.state == Job::State::kQueued) ++waiting.version;
  changed_.notify_all();
}

void JobQueue::Work() {
  for (;;) {
    Waiting next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
      if (stop_) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    Change(next.number, [](Job& job) {
      job.state = Job::State::kRunning;
      job.step = "starting";
    });
    const auto progress = [&](const std::string& step, std::uint64_t done, std::uint64_t total) {
      Change(next.number, [&](Job& job) {
        job.step = Ellipsize(step, 100);
        job.done = done;
        job.total = total;
      });
    };
    const Status ended = engine_.investigate(next.case_folder, next.out, progress, stop_);
    Change(next.number, [&](Job& job) {
      job.state = ended ? Job::State::kDone : Job::State::kFailed;
      job.step = ended ? "done" : "failed";
      if (!ended) job.error = ended.error().message.empty() ? "it failed" : ended.error().message;
    });
  }
}

void JobQueue::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    waiting_.clear();
    changed_.notify_all();
  }
  if (worker_.joinable()) worker_.join();
}

}  // namespace ascribe::serve
