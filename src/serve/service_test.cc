#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/sha256.h"
#include "base/toml.h"
#include "serve/test_service.h"

namespace ascribe::serve {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

nlohmann::json Json(const Response& response) { return nlohmann::json::parse(response.text()); }

// Every answer has the headers that keep browsers careful, and every error is problem details.
void ExpectSafe(const Response& response) {
  EXPECT_EQ(response.Header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(response.Header("Referrer-Policy"), "same-origin");
  EXPECT_THAT(std::string(response.Header("Content-Security-Policy")), HasSubstr("frame-ancestors 'none'"));
  EXPECT_EQ(response.Header("Access-Control-Allow-Origin"), "");
  if (response.status < 400) return;
  EXPECT_EQ(response.Header("Content-Type"), "application/problem+json");
  const auto json = Json(response);
  EXPECT_EQ(json.at("status"), response.status);
  EXPECT_FALSE(json.at("detail").get<std::string>().empty());
  EXPECT_TRUE(json.at("type").get<std::string>().starts_with("urn:ascribe:problem:"));
}

TEST(Service, WholeRound) {
  TestService s;
  Response made = s.NewCase("case-1");
  ExpectSafe(made);
  ASSERT_EQ(made.status, 201) << made.text();
  EXPECT_EQ(made.Header("Location"), "/api/v1/cases/case-1");
  EXPECT_EQ(s.NewCase("case-1").status, 409);
  EXPECT_EQ(s.Get("/api/v1/cases/case-1").status, 404) << "not investigated yet";
  EXPECT_EQ(Json(s.Get("/api/v1/cases"))["cases"][0]["state"], "new");

  const Response put = s.Put("/api/v1/cases/case-1/evidence/a%20b.txt", "hello");
  ASSERT_EQ(put.status, 201) << put.text();
  EXPECT_EQ(Json(put)["name"], "a_b.txt");
  EXPECT_EQ(Json(put)["sha256"], Sha256Hex("hello"));
  EXPECT_EQ(s.Put("/api/v1/cases/case-1/evidence/a%20b.txt", "hello").status, 200);
  EXPECT_EQ(s.Put("/api/v1/cases/case-1/evidence/a_b.txt", "other").status, 409) << "evidence is never overwritten";

  const Response queued = s.service.Handle(TestService::Make("POST", "/api/v1/cases/case-1/investigate"));
  ASSERT_EQ(queued.status, 202) << queued.text();
  const std::string job(queued.Header("Location"));
  Response events = s.Get(job + "/events");
  ASSERT_NE(events.events, nullptr);
  EXPECT_EQ(events.Header("Content-Type"), "text/event-stream");
  std::string text;
  for (bool last = false; !last;) {
    const EventStream::Piece piece = events.events->Next();
    text += piece.text;
    last = piece.last;
  }
  EXPECT_THAT(text, HasSubstr("event: done\ndata: {"));
  EXPECT_EQ(Json(s.Get(job))["state"], "done");

  const Response first = s.Get("/api/v1/cases/case-1");
  ASSERT_EQ(first.status, 200);
  EXPECT_EQ(first.text(), TestService::Assessment("Investigated"));
  EXPECT_EQ(first.Header("ETag"), "\"" + Sha256Hex(first.text()) + "\"");
  for (const std::string& tags :
       {std::string(first.Header("ETag")), "\"x\", W/" + std::string(first.Header("ETag")), std::string("*")}) {
    const Response again =
        s.service.Handle(TestService::With(TestService::Make("GET", "/api/v1/cases/case-1"), "If-None-Match", tags));
    EXPECT_EQ(again.status, 304) << tags;
    EXPECT_EQ(again.body, nullptr);
    EXPECT_EQ(again.Header("ETag"), first.Header("ETag"));
  }
  const Response other =
      s.service.Handle(TestService::With(TestService::Make("GET", "/api/v1/cases/case-1"), "If-None-Match", "\"x\""));
  EXPECT_EQ(other.status, 200);
}

TEST(Service, AChangedFileIsServedAtOnce) {
  TestService s;
  s.Write("c/assessment.json", TestService::Assessment("one"));
  const std::string before(s.Get("/api/v1/cases/c").Header("ETag"));
  s.Write("c/new", TestService::Assessment("two"));  // same length
  fs::rename(s.root() / "c/new", s.root() / "c/assessment.json");
  const Response now = s.Get("/api/v1/cases/c");
  EXPECT_THAT(std::string(now.text()), HasSubstr("two"));
  EXPECT_NE(now.Header("ETag"), before);
}

TEST(Service, TheCaseFileThatIsWrittenSaysWhatWasAsked) {
  const auto made = ParseNewCase(
      R"({"id": "x.1", "title": "a \"quoted\" \\ title\nwith = [tables] \u0001", "incident": "2020-02-03", "tlp": "RED"})");
  ASSERT_TRUE(made) << made.error().message;
  const auto toml = ParseToml(made->toml);
  ASSERT_TRUE(toml) << toml.error().message << made->toml;
  EXPECT_EQ(TomlText(*toml, "title"), "a \"quoted\" \\ title\nwith = [tables] \x01");
  EXPECT_EQ(TomlText(*toml, "tlp"), "RED");
  for (const char* bad : {"", "[]", "{}", R"({"id": "../x", "title": "t", "incident": "2020-01-01"})",
                          R"({"id": ".x", "title": "t", "incident": "2020-01-01"})",
                          R"({"id": "x", "title": "", "incident": "2020-01-01"})", R"({"id": "x", "title": "t"})",
                          R"({"id": "x", "title": "t", "incident": "soon"})",
                          R"({"id": "x", "title": "t", "incident": "2020-01-01", "tlp": "PINK"})",
                          R"({"id": "x", "title": "t", "incident": "2020-01-01", "TLP": "RED"})",
                          R"({"id": "x", "title": "t", "incident": "2020-01-01", "tlp": 5})"})
    EXPECT_FALSE(ParseNewCase(bad)) << bad;
}

TEST(Service, NoPathLeadsOutOfTheFolder) {
  TestService s;
  ASSERT_EQ(s.NewCase("c").status, 201);
  s.Write("c/assessment.json", TestService::Assessment("one"));
  s.Write("c/private.txt", "not an output");
  std::ofstream(s.outside() / "secret.json") << "secret";
  for (const char* target : {"/api/v1/cases/..", "/api/v1/cases/../secret.json", "/api/v1/cases/%2e%2e/secret.json",
                             "/api/v1/cases/c/..%2f..%2fsecret.json", "/api/v1/cases/c/private.txt",
                             "/api/v1/cases/c/%2e%2e", "/api/v1/cases/c%00/report.txt",
                             "/api/v1/cases/.intake/case.toml", "/cases/../report.html", "/cases/c/report.html",
                             "/cases/c/../report.html", "/api/v1/cases//report.txt", "//api/v1/cases", "/etc/passwd"}) {
    const Response response = s.Get(target);
    EXPECT_EQ(response.status, 404) << target;
    ExpectSafe(response);
    EXPECT_THAT(std::string(response.text()), Not(HasSubstr("secret\n")));
  }
  for (const char* name : {"..", ".", "..%2fx", "%2fetc%2fpasswd", "a%2fb", "a%5cb"}) {
    const Response response = s.Put(std::string("/api/v1/cases/c/evidence/") + name, "x");
    EXPECT_EQ(response.status, 400) << name << response.text();
  }
  EXPECT_EQ(s.Put("/api/v1/cases/c/evidence/" + std::string(201, 'a'), "x").status, 400);
  EXPECT_EQ(s.Put("/api/v1/cases/c/evidence/.hidden", "x").status, 201);
  EXPECT_TRUE(fs::exists(s.root() / ".intake/c/evidence/_hidden"));
}

TEST(Service, LinksAreNotFollowed) {
  TestService s;
  ASSERT_EQ(s.NewCase("c").status, 201);
  std::ofstream(s.outside() / "secret.json") << TestService::Assessment("secret");
  fs::create_directories(s.outside() / "elsewhere");
  fs::create_directories(s.root() / "linked-file");
  fs::create_symlink(s.outside() / "secret.json", s.root() / "linked-file/assessment.json");
  fs::create_directory_symlink(s.outside(), s.root() / "linked-folder");
  EXPECT_EQ(s.Get("/api/v1/cases/linked-file").status, 404);
  EXPECT_EQ(s.Get("/api/v1/cases/linked-folder").status, 404);
  EXPECT_THAT(std::string(s.Get("/api/v1/cases").text()), Not(HasSubstr("secret")));
  fs::remove(s.root() / ".intake/c/evidence");
  fs::create_directory_symlink(s.outside() / "elsewhere", s.root() / ".intake/c/evidence");
  EXPECT_EQ(s.Put("/api/v1/cases/c/evidence/a", "x").status, 404);
  EXPECT_TRUE(fs::is_empty(s.outside() / "elsewhere"));
}

TEST(Service, RefusesWhatABrowserCouldBeMadeToSend) {
  TestService s;
  const Request good = TestService::With(
      TestService::With(TestService::Make("POST", "/api/v1/cases"), "Content-Type", "application/json"),
      "Content-Length", "2");
  EXPECT_EQ(s.service.Handle(good, "{}").status, 422) << "this one comes through to the handler";
  struct Try {
    const char *name, *value;
    int status;
  };
  for (const Try& t :
       {Try{"Host", "evil.example:8417", 421}, Try{"Host", "localhost", 421}, Try{"Host", "localhost:80", 421},
        Try{"Host", "127.0.0.1:8417", 422}, Try{"Host", "[::1]:8417", 422}, Try{"Host", "LOCALHOST:8417", 422},
        Try{"Origin", "http://evil.example", 403}, Try{"Origin", "null", 403},
        Try{"Origin", "http://localhost:8417", 422}, Try{"Origin", "http://localhost:8417.evil.example", 403},
        Try{"X-Ascribe-Csrf", "0", 403}, Try{"Content-Type", "text/plain", 415},
        Try{"Content-Type", "multipart/form-data; boundary=x", 415}, Try{"Content-Encoding", "gzip", 415},
        Try{"Content-Length", "1000000", 413}, Try{"Content-Length", "-1", 400}, Try{"Content-Length", "2e1", 400},
        Try{"Transfer-Encoding", "chunked", 411}}) {
    const Response response = s.service.Handle(TestService::With(good, t.name, t.value), "{}");
    EXPECT_EQ(response.status, t.status) << t.name << ": " << t.value;
    ExpectSafe(response);
    EXPECT_EQ(response.close, t.status != 422) << "whether the body was read";
  }
  for (const char* name : {"Host", "X-Ascribe-Csrf", "Content-Length", "Content-Type"})
    EXPECT_GE(s.service.Handle(TestService::Without(good, name), "{}").status, 400) << name;
  Request twice = good;
  twice.headers.emplace_back("Host", "evil.example");
  EXPECT_EQ(s.service.Handle(twice, "{}").status, 421);
  EXPECT_EQ(s.service.Handle(TestService::With(TestService::Make("GET", "/"), "Content-Length", "5")).status, 400);
  EXPECT_EQ(s.Get("/" + std::string(2000, 'a')).status, 414);
  EXPECT_FALSE(fs::exists(s.root())) << "nothing was made";
}

TEST(Service, AskForALargeUploadIsRefusedBeforeItsBody) {
  TestService s;
  ASSERT_EQ(s.NewCase("c").status, 201);
  const Request request = TestService::With(TestService::Make("PUT", "/api/v1/cases/c/evidence/big"), "Content-Length",
                                            std::to_string(kMaxUpload + 1));
  const Step step = s.service.Start(request);
  EXPECT_EQ(step.body, nullptr);
  EXPECT_EQ(step.response.status, 413);
  EXPECT_TRUE(step.response.close);
}

TEST(Service, ACutUploadLeavesNothing) {
  TestService s;
  ASSERT_EQ(s.NewCase("c").status, 201);
  const Request request =
      TestService::With(TestService::Make("PUT", "/api/v1/cases/c/evidence/cut"), "Content-Length", "10");
  EXPECT_EQ(s.service.Handle(request, "12345").status, 400);
  EXPECT_TRUE(fs::is_empty(s.root() / ".intake/c/evidence"));
  EXPECT_TRUE(fs::is_empty(s.root() / ".intake/.upload"));
}

TEST(Service, UploadsAtATimeAreLimited) {
  TestService s;
  ASSERT_EQ(s.NewCase("c").status, 201);
  std::vector<Step> open;
  const auto start = [&](std::size_t i) {
    return s.service.Start(TestService::With(TestService::Make("PUT", "/api/v1/cases/c/evidence/f" + std::to_string(i)),
                                             "Content-Length", "1"));
  };
  for (std::size_t i = 0; i < kMaxUploads; ++i) {
    open.push_back(start(i));
    ASSERT_NE(open.back().body, nullptr) << i;
  }
  EXPECT_EQ(start(99).response.status, 503);
  open.clear();
  EXPECT_NE(start(99).body, nullptr);
}

TEST(Service, ReadOnlyRefusesChanges) {
  TestService s("", true);
  s.Write("c/assessment.json", TestService::Assessment("one"));
  EXPECT_EQ(s.NewCase("x").status, 403);
  EXPECT_EQ(s.Put("/api/v1/cases/c/evidence/a", "x").status, 403);
  EXPECT_EQ(s.service.Handle(TestService::Make("POST", "/api/v1/cases/c/investigate")).status, 403);
  EXPECT_EQ(s.Get("/api/v1/cases/c").status, 200);
  EXPECT_THAT(std::string(s.Get("/").text()), Not(HasSubstr("id=\"new\"")));
}

TEST(Service, ATokenGuardsEverythingThatHoldsData) {
  const std::string token = "0123456789abcdef";
  TestService s(token);
  s.Write("c/assessment.json", TestService::Assessment("Topic"));
  for (const Route& route : Routes()) {
    std::string target(route.pattern);
    for (const char* part : {"{id}", "{file}", "{name}"})
      if (const std::size_t at = target.find(part); at != std::string::npos)
        target.replace(at, std::string(part).size(), part == std::string("{file}") ? "report.txt" : "c");
    const Response response = s.service.Handle(TestService::Make(std::string(route.method), target));
    EXPECT_EQ(response.status, route.id == RouteId::kPage || route.id == RouteId::kOpenApi ? 200 : 401) << target;
    EXPECT_THAT(std::string(response.text()), Not(HasSubstr("Topic"))) << target;
    ExpectSafe(response);
  }
  const Request get = TestService::Make("GET", "/api/v1/cases/c");
  EXPECT_EQ(s.service.Handle(TestService::With(get, "Authorization", "Bearer " + token)).status, 200);
  for (const std::string& wrong :
       {"Bearer " + token + "x", "Bearer " + token.substr(1), std::string("Bearer "), "Basic " + token})
    EXPECT_EQ(s.service.Handle(TestService::With(get, "Authorization", wrong)).status, 401) << wrong;
  const Response session = s.service.Handle(
      TestService::With(TestService::Make("POST", "/api/v1/session"), "Authorization", "Bearer " + token));
  ASSERT_EQ(session.status, 204);
  const std::string cookie(session.Header("Set-Cookie"));
  EXPECT_THAT(cookie, HasSubstr("; HttpOnly; SameSite=Strict"));
  EXPECT_THAT(cookie, Not(HasSubstr(token)));
  EXPECT_EQ(s.service.Handle(TestService::With(get, "Cookie", "a=b; " + cookie.substr(0, cookie.find(';')))).status,
            200);
  EXPECT_EQ(s.service.Handle(TestService::With(get, "Cookie", "ascribe_session=")).status, 401);
}

// Who comes second is no leader.
TEST(Service, NobodyIsNamedWhenSomebodyUnknownLeads) {
  TestService s;
  std::string assessment = TestService::Assessment("one");
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{{"0.6", "0.3"}, {"0.4", "0.7"}}) assessment.replace(assessment.find(from), 3, to);
  const std::string actor = R"({"name":"Some <b>Actor</b>","kind":"actor","posterior":0.3},)", unknown = R"({"name":"unknown","kind":"unknown","posterior":0.7})";
  const std::size_t at = assessment.find(actor);
  ASSERT_NE(at, std::string::npos);
  assessment.replace(at, actor.size() + unknown.size(), unknown + "," + actor.substr(0, actor.size() - 1));
  s.Write("c/assessment.json", assessment);
  EXPECT_THAT(std::string(s.Get("/").text()), Not(HasSubstr("Some &lt;b&gt;Actor")));
}

TEST(Service, ThePageEscapesWhatCasesSay) {
  TestService s;
  s.Write("c/assessment.json",
          TestService::Assessment(R"(<script>alert(1)</script>\"'>\u001b[31m)", "an older digest"));
  const Response page = s.Get("/");
  const std::string html(page.text());
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)"));
  EXPECT_THAT(html, HasSubstr("Some &lt;b&gt;Actor"));
  EXPECT_THAT(html, Not(HasSubstr("\x1b")));
  EXPECT_THAT(html, HasSubstr("stale: knowledge changed"));
  EXPECT_THAT(html, Not(HasSubstr("http:")));
  EXPECT_THAT(html, Not(HasSubstr("https:")));
  // The policy allows exactly the script and the style that are there.
  const std::string csp(page.Header("Content-Security-Policy"));
  EXPECT_THAT(csp, Not(HasSubstr("unsafe")));
  for (const std::string tag : {"script", "style"}) {
    const std::size_t from = html.find("<" + tag + ">") + tag.size() + 2, to = html.find("</" + tag + ">");
    const std::string hex = Sha256Hex(html.substr(from, to - from));
    std::string raw;
    for (std::size_t i = 0; i < hex.size(); i += 2) raw += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    EXPECT_THAT(csp, HasSubstr(tag + "-src 'sha256-" + Base64(raw) + "'"));
  }
  s.Write("c/assessment.json", TestService::Assessment("fresh"));
  EXPECT_THAT(std::string(s.Get("/").text()), Not(HasSubstr("stale: knowledge changed")));
}

TEST(Service, AReportPageHasNoOriginOfOurs) {
  TestService s;
  EXPECT_EQ(s.Get("/cases/c/report.html").status, 404);
  s.Write("c/report.html", "<!doctype html><p>report");
  const Response page = s.Get("/cases/c/report.html");
  ASSERT_EQ(page.status, 200);
  EXPECT_EQ(page.Header("Content-Type"), "text/html; charset=utf-8");
  const std::string csp(page.Header("Content-Security-Policy"));
  EXPECT_THAT(csp, HasSubstr("sandbox"));
  EXPECT_THAT(csp, HasSubstr("default-src 'none'"));
  EXPECT_THAT(csp, Not(HasSubstr("allow-same-origin")));
  EXPECT_EQ(s.Get("/api/v1/cases/c/report.html").status, 404);
}

TEST(Service, ANewCaseIsListedWithTitleAndMarking) {
  TestService s;
  ASSERT_EQ(s.Post("/api/v1/cases", R"({"id": "a", "title": "A <b>title</b>", "incident": "2017-11-24", "tlp": "RED"})").status, 201);
  s.Write(".intake/b/case.toml", "format = \"ascribe-case/1\"\ntitle = \"Unmarked\"\n");
  s.Write(".intake/c/case.toml", "[broken");
  s.Write(".intake/d/case.toml", "format = \"ascribe-case/1\"\ntitle = \"" + std::string(2 << 20, 'x') + "\"\n");
  auto list = Json(s.Get("/api/v1/cases"))["cases"];
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(list[0]["state"], "new");
  EXPECT_EQ(list[0]["title"], "A <b>title</b>");
  EXPECT_EQ(list[0]["tlp"], "RED");
  EXPECT_EQ(list[0]["level"], nullptr);
  EXPECT_EQ(list[1]["title"], "Unmarked");
  EXPECT_EQ(list[1]["tlp"], "AMBER") << "the default";
  for (const std::size_t i : {2u, 3u}) {
    EXPECT_EQ(list[i]["state"], "new");
    EXPECT_EQ(list[i]["title"], "");
    EXPECT_EQ(list[i]["tlp"], "");
  }
  const std::string page(s.Get("/").text());
  EXPECT_THAT(page, HasSubstr("A &lt;b&gt;title&lt;/b&gt;"));
  EXPECT_THAT(page, HasSubstr("<td>RED</td>"));
  // Once it is assessed, the assessment says.
  s.Write("a/assessment.json", TestService::Assessment("Assessed"));
  list = Json(s.Get("/api/v1/cases"))["cases"];
  EXPECT_EQ(list[0]["title"], "Assessed");
  EXPECT_EQ(list[0]["tlp"], "GREEN");
  EXPECT_EQ(list[0]["level"], "operator");
}

TEST(Service, ABrokenAssessmentIsListedAsSuch) {
  TestService s;
  s.Write("a/assessment.json", "{");
  s.Write("b/assessment.json",
          R"({"schema": "ascribe-assessment/2", "case": 1, "levels": [], "verdict": {"level": 3}})");
  s.Write("not a case/assessment.json", "{}");
  const auto list = Json(s.Get("/api/v1/cases"))["cases"];
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0]["state"], "unreadable");
  EXPECT_EQ(list[1]["leader"], nullptr);
  EXPECT_EQ(s.Get("/").status, 200);
}

// The document and the router say the same, both ways.
TEST(Service, EveryRouteIsInOpenApiAndViceVersa) {
  TestService s;
  const auto document = Json(s.Get("/openapi.json"));
  EXPECT_EQ(document["openapi"], "3.1.0");
  std::set<std::string> documented, routed;
  for (const auto& [path, item] : document["paths"].items())
    for (const auto& [method, operation] : item.items()) {
      documented.insert(method + " " + path);
      std::string target = path;
      for (std::size_t at; (at = target.find('{')) != std::string::npos;)
        target.replace(at, target.find('}') - at + 1, "x");
      std::string upper;
      for (char c : method) upper += static_cast<char>(c - 'a' + 'A');
      Response refusal;
      const Match match = FindRoute(TestService::Make(upper, target), refusal);
      ASSERT_NE(match.route, nullptr) << method << " " << path;
      EXPECT_EQ(match.route->pattern, path);
      EXPECT_EQ(operation["operationId"], match.route->name);
      EXPECT_TRUE(operation["responses"].contains(std::to_string(match.route->success)));
      EXPECT_EQ(operation.value("parameters", nlohmann::json::array()).size(),
                match.parts.size() + (upper == "GET" ? 0 : 1))
          << path;
    }
  for (const Route& route : Routes()) {
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    routed.insert(method + " " + std::string(route.pattern));
  }
  EXPECT_EQ(documented, routed);
  const std::string text(s.Get("/openapi.json").text());
  for (std::size_t at = 0; (at = text.find("#/components/schemas/", at)) != std::string::npos; ++at) {
    const std::string name = text.substr(at + 21, text.find('"', at) - at - 21);
    EXPECT_TRUE(document["components"]["schemas"].contains(name)) << name;
  }
}

TEST(Service, WrongMethodsSayWhichAreRight) {
  TestService s;
  const Response response = s.service.Handle(TestService::Make("DELETE", "/api/v1/cases"));
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.Header("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(s.service.Handle(TestService::Make("HEAD", "/api/v1/cases")).status, 200);
  EXPECT_EQ(s.service.Handle(TestService::Make("POST", "/api/v1/cases/none/investigate")).status, 404);
  s.Write("cli/assessment.json", TestService::Assessment("one"));
  EXPECT_EQ(s.service.Handle(TestService::Make("POST", "/api/v1/cases/cli/investigate")).status, 409);
  EXPECT_EQ(s.Get("/api/v1/jobs/job-1").status, 404);
  EXPECT_EQ(s.Get("/api/v1/jobs/job-01").status, 404);
  EXPECT_EQ(s.Get("/api/v1/jobs/job-1/events").status, 404);
}

}  // namespace
}  // namespace ascribe::serve
