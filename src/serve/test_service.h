#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/test_folder.h"
#include "serve/service.h"

namespace ascribe::serve {

/// A service over a temporary folder whose engine writes a small assessment.
class TestService {
 public:
  static constexpr int kPort = 8417;
  explicit TestService(std::string token = {}, bool read_only = false)
      : service(root(), MakeEngine(), MakePolicy("127.0.0.1", kPort, std::move(token), read_only)) {}

  [[nodiscard]] std::filesystem::path root() const { return folder_.path() / "out"; }
  [[nodiscard]] const std::filesystem::path& outside() const { return folder_.path(); }

  static Request Make(std::string method, std::string target) {
    Request request{std::move(method), std::move(target), {{"Host", "localhost:8417"}}};
    if (request.method != "GET" && request.method != "HEAD") request.headers.emplace_back("X-Ascribe-Csrf", "1");
    return request;
  }
  static Request With(Request request, std::string name, std::string value) {
    for (auto& [key, old] : request.headers)
      if (key == name) {
        old = std::move(value);
        return request;
      }
    request.headers.emplace_back(std::move(name), std::move(value));
    return request;
  }
  static Request Without(Request request, const std::string& name) {
    std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
    return request;
  }

  Response Get(std::string target) { return service.Handle(Make("GET", std::move(target))); }
  Response Post(std::string target, const std::string& body) {
    Request request = With(Make("POST", std::move(target)), "Content-Type", "application/json");
    return service.Handle(With(std::move(request), "Content-Length", std::to_string(body.size())), body);
  }
  Response Put(std::string target, const std::string& body) {
    return service.Handle(With(Make("PUT", std::move(target)), "Content-Length", std::to_string(body.size())), body);
  }
  Response NewCase(const std::string& id) {
    return Post("/api/v1/cases", R"({"id": ")" + id + R"(", "title": "A case", "incident": "2017-11-24"})");
  }
  void Write(const std::filesystem::path& below_root, std::string_view bytes) const {
    const std::filesystem::path path = root() / below_root;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }
  /// `title` must be fit for a JSON string as it is.
  static std::string Assessment(const std::string& title, const std::string& digest = "d1") {
    return R"({"schema":"ascribe-assessment/2","case":{"id":"x","title":")" + title +
           R"(","tlp":"GREEN"},"as_of":null,"verdict":{"level":"operator"},"statement":{"likelihood":"It is likely."},)"
           R"("levels":{"operator":{"ranked":[{"name":"Some <b>Actor</b>","kind":"actor","posterior":0.6},)"
           R"({"name":"unknown","kind":"unknown","posterior":0.4}]}},"knowledge":{"packs":[{"id":"pack","digest":")" +
           digest + R"("}]}})";
  }

 private:
  TestFolder folder_;
  static Engine MakeEngine() {
    Engine engine;
    engine.investigate = [](const std::filesystem::path& case_folder, const std::filesystem::path& out,
                            const ProgressCall& progress, const std::atomic<bool>&) -> Status {
      std::size_t files = 0;
      for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(case_folder / "evidence"))
        progress("reading", ++files, 2);
      if (files == 0) return Fail(ErrorCode::kInvalidInput, "no evidence");
      std::filesystem::create_directories(out);
      std::ofstream(out / "assessment.json") << Assessment("Investigated");
      return {};
    };
    engine.knowledge = []() -> Result<std::map<std::string, std::string>> {
      return std::map<std::string, std::string>{{"pack", "d1"}};
    };
    return engine;
  }

 public:
  Service service;
};

}  // namespace ascribe::serve
