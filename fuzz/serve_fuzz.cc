#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "serve/service.h"

namespace {

namespace fs = std::filesystem;
using namespace ascribe;
using namespace ascribe::serve;

// One folder a process, with a case that was assessed and one that takes evidence.
struct World {
  fs::path folder;
  Engine engine;
  World() {
    std::string pattern = (fs::temp_directory_path() / "ascribe-serve-fuzz-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    folder = pattern;
    Fresh();
    engine.investigate = [](const fs::path&, const fs::path&, const ProgressCall& progress,
                            const std::atomic<bool>&) -> Status {
      progress("reading", 1, 1);
      return {};
    };
    engine.knowledge = []() -> Result<std::map<std::string, std::string>> {
      return std::map<std::string, std::string>{{"p", "d"}};
    };
  }
  ~World() {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
  void Fresh() const {
    std::error_code ignored;
    fs::remove_all(folder / "out", ignored);
    fs::create_directories(folder / "out/c");
    fs::create_directories(folder / "out/.intake/c/evidence");
    fs::create_directories(folder / "out/.intake/.upload");
    std::ofstream(folder / "out/.intake/c/case.toml") << "format = \"ascribe-case/1\"\n";
    std::ofstream(folder / "out/c/assessment.json")
        << R"({"schema":"ascribe-assessment/2","levels":{"operator":{"ranked":[]}},"knowledge":{"packs":[]}})";
    std::ofstream(folder / "out/c/report.html") << "<p>";
    std::ofstream(folder / "secret") << "SECRET-OUTSIDE";
  }
};

// What must hold of every answer, whatever was asked.
void Check(const Response& response) {
  const auto fail = [](bool wrong) {
    if (wrong) std::abort();
  };
  fail(response.status < 200 || response.status > 599);
  fail(response.Header("X-Content-Type-Options") != "nosniff");
  fail(response.Header("Content-Security-Policy").find("frame-ancestors 'none'") == std::string_view::npos);
  fail(response.text().find("SECRET-OUTSIDE") != std::string_view::npos);
  fail(response.status >= 400 && response.Header("Content-Type") != "application/problem+json");
  for (const auto& [name, value] : response.headers) fail(value.find_first_of("\r\n") != std::string::npos);
  if (response.events != nullptr)
    for (int i = 0; i < 3 && !response.events->Next().last; ++i) {
    }
}

}  // namespace

// First byte: policy. Then lines: method, target, headers "Name: value", an empty line, the body; "\r" is kept. With
// bit 4 (16) the request gets the headers that let it through, so that the fuzzer reaches the handlers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  static std::size_t runs = 0;
  if (size == 0) return 0;
  const unsigned flags = data[0];
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto line = [&text] {
    const std::size_t end = text.find('\n');
    const std::string_view out = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return std::string(out);
  };
  Request request;
  request.method = line();
  request.target = line();
  for (std::string header = line(); !header.empty(); header = line()) {
    const std::size_t colon = std::min(header.find(':'), header.size());
    request.headers.emplace_back(header.substr(0, colon), header.substr(std::min(colon + 2, header.size())));
  }
  if ((flags & 16) != 0) {
    request.headers.emplace_back("Host", "localhost:1");
    request.headers.emplace_back("X-Ascribe-Csrf", "1");
    if ((flags & 1) != 0) request.headers.emplace_back("Authorization", "Bearer 0123456789abcdef");
    if (request.method != "GET") request.headers.emplace_back("Content-Length", std::to_string(text.size()));
    if (request.method == "POST") request.headers.emplace_back("Content-Type", "application/json");
  }
  if (++runs % 2000 == 0) world.Fresh();
  Service service(world.folder / "out", world.engine,
                  MakePolicy((flags & 2) != 0 ? "0.0.0.0" : "127.0.0.1", 1, (flags & 1) != 0 ? "0123456789abcdef" : "",
                             (flags & 4) != 0));
  if ((flags & 8) != 0) {  // so that job-1 is there
    Request investigate{"POST", "/api/v1/cases/c/investigate", {{"Host", "localhost:1"}, {"X-Ascribe-Csrf", "1"}}};
    if ((flags & 1) != 0) investigate.headers.emplace_back("Authorization", "Bearer 0123456789abcdef");
    Check(service.Handle(investigate));
  }
  Check(service.Handle(request, text));
  return 0;
}
