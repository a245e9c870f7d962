#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "serve/case_list.h"
#include "serve/engine.h"
#include "serve/file_cache.h"
#include "serve/http.h"
#include "serve/intake.h"
#include "serve/job_queue.h"
#include "serve/policy.h"
#include "serve/routes.h"

namespace ascribe::serve {

/// Answers requests; knows no socket. Thread-safe.
class Service {
 public:
  /// `root`: the folder of cases, as written by investigate. It is made with the first new case.
  Service(std::filesystem::path root, Engine engine, Policy policy);

  /// The answer to a request head, or a sink for its body. Every check comes before the body is read. When an answer
  /// comes although a body follows, it says `close`.
  [[nodiscard]] Step Start(const Request& request);
  /// Both steps in one, for a body that is in memory.
  [[nodiscard]] Response Handle(const Request& request, std::string_view body = {});

  /// Ends the jobs. Requests are still answered.
  void Stop() { jobs_.Stop(); }

 private:
  [[nodiscard]] Step Route(const Request& request);
  [[nodiscard]] Step Change(const Request& request, const Match& match);
  [[nodiscard]] Response Read(const Request& request, const Match& match);
  [[nodiscard]] Response Page(const Request& request);
  [[nodiscard]] Response OutputFile(const Request& request, std::string_view id, std::string_view name,
                                    std::string_view type);
  [[nodiscard]] Response OpenSession();
  [[nodiscard]] Response Investigate(const std::string& id);
  [[nodiscard]] Response JobList() const;
  [[nodiscard]] Response JobEvents(const std::string& id);

  std::filesystem::path root_;
  Engine engine_;
  Policy policy_;
  FileCache files_;
  CaseList cases_;
  Intake intake_;
  JobQueue jobs_;  // the last: its thread ends first
};

}  // namespace ascribe::serve
