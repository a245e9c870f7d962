#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>

#include "base/text.h"
#include "serve/service.h"

namespace {

// What lies outside of the folder of cases. Neither it nor a comparison with it may be seen by the fuzzer, which would put it
// into a title, and find it in the answer.
std::string Secret() {
  std::mt19937_64 engine(20261128);
  std::string out(24, ' ');
  for (char& c : out) c = static_cast<char>('A' + engine() % 26);
  return out;
}

// Found by a rolling sum, not by its bytes.
bool HoldsSecret(std::string_view text) {
  constexpr std::uint64_t kBase = 1099511628211;
  const auto next = [](std::uint64_t sum, char c) { return sum * kBase + static_cast<unsigned char>(c); };
  static const std::string secret = Secret();
  static const std::uint64_t wanted = std::accumulate(secret.begin(), secret.end(), std::uint64_t{0}, next);
  static const std::uint64_t oldest = [] {
    std::uint64_t power = 1;
    for (std::size_t i = 0; i < secret.size(); ++i) power *= kBase;
    return power;
  }();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    sum = next(sum, text[i]);
    if (i >= secret.size()) sum -= oldest * static_cast<unsigned char>(text[i - secret.size()]);
    if (i + 1 >= secret.size() && sum == wanted) return true;
  }
  return false;
}

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
    std::ofstream(folder / "out/c/report.txt") << "report";
    fs::create_directories(folder / "out/f");
    fs::create_directories(folder / "out/.intake/f");
    std::ofstream(folder / "secret") << Secret();
    if (!HoldsSecret("before " + Secret() + " after") || HoldsSecret(Secret().substr(1))) std::abort();
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
  fail(HoldsSecret(response.text()));
  fail(response.status >= 400 && response.Header("Content-Type") != "application/problem+json");
  for (const auto& [name, value] : response.headers) fail(value.find_first_of("\r\n") != std::string::npos);
  if (response.events != nullptr)
    for (int i = 0; i < 3 && !response.events->Next().last; ++i) {
    }
}

// The one operation that is asked, by its name in the OpenAPI document (ASCRIBE_FUZZ_ROUTE); none: whatever the input says.
// "?" lists them.
const Route* Chosen() {
  const char* name = std::getenv("ASCRIBE_FUZZ_ROUTE");
  if (name == nullptr || *name == '\0') return nullptr;
  for (const Route& route : Routes())
    if (route.name == name) return &route;
  const bool asked = std::string_view(name) == "?";
  if (!asked) std::fprintf(stderr, "ASCRIBE_FUZZ_ROUTE=%s: there is no such operation; there are\n", name);
  for (const Route& route : Routes()) std::fprintf(asked ? stdout : stderr, "%s\n", std::string(route.name).c_str());
  std::fflush(stdout);
  std::_Exit(asked ? 0 : 2);
}

// The address of a route: the parts of `target`, which hold no "/", stand for its {x}; an empty one for what is there.
std::string Address(const Route& route, std::string_view target) {
  const std::size_t query = std::min(target.find('?'), target.size());
  const std::vector<std::string_view> parts = Split(target.substr(0, query), '/');
  const bool job = route.pattern.find("/jobs/") != std::string_view::npos;
  std::string out;
  std::size_t next = 0;
  for (std::string_view segment : Split(route.pattern.substr(1), '/')) {
    out += '/';
    if (!segment.starts_with('{')) {
      out += segment;
      continue;
    }
    const std::string_view part = next < parts.size() ? parts[next] : std::string_view();
    out += !part.empty() ? part : job ? "job-1" : segment == "{file}" ? "report.txt" : "c";
    ++next;
  }
  return out.append(target.substr(query));
}

// How many answers there were of each status: a run whose requests were all refused at the door tells little.
struct Tally {
  std::array<std::size_t, 600> count{};
  ~Tally() {
    std::fprintf(stderr, "answers:");
    for (std::size_t i = 0; i < count.size(); ++i)
      if (count[i] > 0) std::fprintf(stderr, " %zu=%zu", i, count[i]);
    std::fprintf(stderr, "\n");
  }
};

}  // namespace

// First byte: policy. Then lines: method, target, headers "Name: value", an empty line, the body; "\r" is kept. With
// bit 4 (16) the request gets the headers that let it through, so that the fuzzer reaches the handlers.
// With ASCRIBE_FUZZ_ROUTE method and address are those of that route (Address); a route that shows what lies in the
// folder of cases gets the body as the assessment.json (bit 5) or the case.toml of a case.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  static const Route* const chosen = Chosen();
  static Tally tally;
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
  if (++runs % 2000 == 0) world.Fresh();
  if (chosen != nullptr) {
    request.method = chosen->method == "GET" && request.method == "HEAD" ? "HEAD" : chosen->method;
    request.target = Address(*chosen, request.target);
    if (chosen->method == "GET") {
      if (chosen->id == RouteId::kCases || chosen->id == RouteId::kPage) {
        std::error_code ignored;
        if ((flags & 32) == 0) fs::remove(world.folder / "out/f/assessment.json", ignored);
        std::ofstream(world.folder / ((flags & 32) != 0 ? "out/f/assessment.json" : "out/.intake/f/case.toml")) << text;
      }
      text = {};
    }
  }
  if ((flags & 16) != 0) {
    request.headers.emplace_back("Host", "localhost:1");
    request.headers.emplace_back("X-Ascribe-Csrf", "1");
    if ((flags & 1) != 0) request.headers.emplace_back("Authorization", "Bearer 0123456789abcdef");
    if (request.method != "GET" && request.method != "HEAD") request.headers.emplace_back("Content-Length", std::to_string(text.size()));
    if (request.method == "POST") request.headers.emplace_back("Content-Type", "application/json");
  }
  Service service(world.folder / "out", world.engine,
                  MakePolicy((flags & 2) != 0 ? "0.0.0.0" : "127.0.0.1", 1, (flags & 1) != 0 ? "0123456789abcdef" : "",
                             (flags & 4) != 0));
  if ((flags & 8) != 0) {  // so that job-1 is there
    Request investigate{"POST", "/api/v1/cases/c/investigate", {{"Host", "localhost:1"}, {"X-Ascribe-Csrf", "1"}}};
    if ((flags & 1) != 0) investigate.headers.emplace_back("Authorization", "Bearer 0123456789abcdef");
    Check(service.Handle(investigate));
  }
  const Response response = service.Handle(request, text);
  Check(response);
  ++tally.count[static_cast<std::size_t>(response.status)];
  // What is made here, not handed on from a file, is whole JSON.
  if (chosen != nullptr && response.Header("Content-Type").ends_with("json") && chosen->id != RouteId::kCase &&
      chosen->id != RouteId::kCaseFile && !nlohmann::json::accept(response.text()))
    std::abort();
  return 0;
}
