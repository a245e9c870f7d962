// The server as a user has it: a process, sockets, signals.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>

#include "base/sha256.h"
#include "http_server.h"

namespace ascribe::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kNewCase =
    R"({"id": "up", "title": "Uploaded <b>case</b>", "incident": "2017-11-24", "tlp": "CLEAR"})";
const std::vector<std::string> kJson = {"Content-Type: application/json"};

TEST(Serve, TheWholeRound) {
  Machine machine;
  const fs::path small = WriteSmallCase(machine / "small");
  machine.Investigate(small, machine / "out/small");
  HttpServer server(machine, {"--quiet"});

  const HttpAnswer page = server.Ask("GET", "/");
  ASSERT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("A small case"));
  EXPECT_THAT(page.body, Not(HasSubstr("stale: knowledge changed")));
  EXPECT_THAT(page.headers.at("content-security-policy"), HasSubstr("frame-ancestors 'none'"));

  // The bytes on disk, their digest as the tag, and nothing when the client has them.
  const HttpAnswer assessment = server.Ask("GET", "/api/v1/cases/small");
  EXPECT_EQ(assessment.status, 200);
  EXPECT_EQ(assessment.body, ReadBytes(machine / "out/small/assessment.json"));
  EXPECT_EQ(assessment.headers.at("etag"), "\"" + Sha256Hex(assessment.body) + "\"");
  const HttpAnswer same = server.Ask("GET", "/api/v1/cases/small", {"If-None-Match: " + assessment.headers.at("etag")});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.headers.count("content-length"), 0u);
  const HttpAnswer head = server.Ask("HEAD", "/api/v1/cases/small");
  EXPECT_EQ(head.headers.at("content-length"), std::to_string(assessment.body.size()));
  EXPECT_EQ(head.body, "");
  // No parts and no compression: the tag names these bytes.
  const HttpAnswer ranged = server.Ask("GET", "/api/v1/cases/small", {"Range: bytes=0-9", "Accept-Encoding: gzip, br"});
  EXPECT_EQ(ranged.status, 200);
  EXPECT_EQ(ranged.body, assessment.body);

  ASSERT_EQ(server.Ask("POST", "/api/v1/cases", kJson, kNewCase).status, 201);
  const std::string evidence = ReadBytes(small / "evidence/good.ndjson");
  const HttpAnswer put = server.Ask("PUT", "/api/v1/cases/up/evidence/good.ndjson", {}, evidence);
  ASSERT_EQ(put.status, 201) << put.body;
  EXPECT_EQ(put.json()["sha256"], Sha256Hex(evidence));
  const HttpAnswer queued = server.Ask("POST", "/api/v1/cases/up/investigate");
  ASSERT_EQ(queued.status, 202) << queued.body;
  const HttpAnswer events = server.Ask("GET", queued.headers.at("location") + "/events");
  EXPECT_EQ(events.headers.at("content-type"), "text/event-stream");
  EXPECT_THAT(events.body, HasSubstr("event: progress\n"));
  EXPECT_THAT(events.body, HasSubstr("event: done\n"));
  EXPECT_EQ(server.Ask("GET", queued.headers.at("location")).json()["state"], "done") << events.body;
  // The same case by hand gives the same bytes.
  const auto by_hand = machine.Investigate(machine / "out/.intake/up", machine / "by-hand");
  for (const auto& [name, bytes] : by_hand)
    EXPECT_TRUE(server.Ask("GET", (name == "report.html" ? "/cases/up/" : "/api/v1/cases/up/") + name).body == bytes) << name;
  EXPECT_EQ(machine.Run({"verify", "out/up"}).exit_code, 0);
  EXPECT_THAT(server.Ask("GET", "/").body, HasSubstr("Uploaded &lt;b&gt;case"));

  // Knowledge that came since is seen without a restart.
  ASSERT_EQ(machine.Run({"kb", "add", small.string(), "--attributed-to", "actor:lazarus-group", "--confidence", "0.8"})
                .exit_code,
            0);
  EXPECT_THAT(server.Ask("GET", "/").body, HasSubstr("stale: knowledge changed"));

  EXPECT_EQ(server.Stop(SIGTERM), 0);
}

TEST(Serve, RefusesWithProblemDetails) {
  Machine machine;
  WriteBytes(machine / "secret.json", "secret");
  HttpServer server(machine, {"--quiet"});
  ASSERT_EQ(server.Ask("POST", "/api/v1/cases", kJson, kNewCase).status, 201);
  struct Try {
    std::string method, target;
    std::vector<std::string> headers;
    std::string body;
    int status;
  };
  const std::string put = "/api/v1/cases/up/evidence/";
  for (const Try& t : {
           Try{"GET", "/api/v1/cases/../../secret.json", {}, "", 404},
           Try{"GET", "/api/v1/cases/%2e%2e/secret.json", {}, "", 404},
           Try{"GET", "/../secret.json", {}, "", 404},
           Try{"PUT", put + "..%2f..%2f..%2fescaped", {}, "x", 400},
           Try{"GET", "/api/v1/cases", {"Host: evil.example"}, "", 421},
           Try{"GET", "/api/v1/cases", {"Host:"}, "", 421},
           Try{"PUT", put + "a", {"X-Ascribe-Csrf:"}, "x", 403},
           Try{"PUT", put + "a", {"Origin: http://evil.example"}, "x", 403},
           Try{"PUT", put + "a", {"Content-Length: 1000000000000"}, "x", 413},
           Try{"PUT", put + "a", {"Content-Length:", "Transfer-Encoding: chunked"}, "1\r\nx\r\n0\r\n\r\n", 411},
           Try{"POST", "/api/v1/cases", kJson, std::string(100'000, ' '), 413},
           Try{"POST", "/api/v1/cases", kJson, "{\"id\": ", 422},
           Try{"GET", "/" + std::string(5000, 'a'), {}, "", 414},
           Try{"GET", "/" + std::string(50'000, 'a'), {}, "", 414},
           Try{"GET", "/", {"X-Long: " + std::string(50'000, 'a')}, "", 431},
           Try{"GET", "/", {"Range: bytes=9-1"}, "", 416},
           Try{"GET", "/", {"Range: bytes=0-1,9-1"}, "", 416},
           Try{"BREW", "/", {}, "", 400},
       }) {
    HttpAnswer answer = server.Ask(t.method, t.target, t.headers, t.body);
    EXPECT_EQ(answer.status, t.status) << t.method << " " << t.target.substr(0, 60) << "\n" << answer.body;
    if (answer.status == 0) continue;
    EXPECT_EQ(answer.headers["content-type"], "application/problem+json") << t.target.substr(0, 60);
    EXPECT_EQ(answer.headers["x-content-type-options"], "nosniff");
    EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
    EXPECT_EQ(answer.json()["status"], answer.status);
  }
  EXPECT_FALSE(fs::exists(machine / "escaped"));
  EXPECT_TRUE(fs::is_empty(machine / "out/.intake/up/evidence"));
  // What is no HTTP at all ends the connection, and the server goes on.
  (void)server.Raw(std::string("\x16\x03\x01\x02\0\x01", 6) + "\r\n\r\n");
  EXPECT_EQ(server.Ask("GET", "/openapi.json").status, 200);
  EXPECT_EQ(server.Stop(SIGINT), 0);
}

// A client that says "Expect: 100-continue" need not send what would be refused.
TEST(Serve, ARefusedBodyIsNotAskedFor) {
  Machine machine;
  HttpServer server(machine, {"--quiet"});
  ASSERT_EQ(server.Ask("POST", "/api/v1/cases", kJson, kNewCase).status, 201);
  const std::string head = " HTTP/1.1\r\nHost: localhost:" + std::to_string(server.port()) +
                           "\r\nX-Ascribe-Csrf: 1\r\nExpect: 100-continue\r\nConnection: close\r\n";
  const std::string refused = server.Raw("PUT /api/v1/cases/none/evidence/a" + head + "Content-Length: 5\r\n\r\n");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 404 ")) << refused;
  EXPECT_THAT(refused, HasSubstr("no-such-case"));
  EXPECT_EQ(refused.find("Content-Length"), refused.rfind("Content-Length"));
  const std::string taken = server.Raw("PUT /api/v1/cases/up/evidence/a" + head + "Content-Length: 5\r\n\r\n12345");
  EXPECT_TRUE(taken.starts_with("HTTP/1.1 100 ")) << taken;
  EXPECT_THAT(taken, HasSubstr("HTTP/1.1 201 "));
}

TEST(Serve, SeveralRequestsOnOneConnection) {
  Machine machine;
  HttpServer server(machine, {"--quiet"});
  const std::string host = "Host: localhost:" + std::to_string(server.port()) + "\r\n";
  const std::string both = server.Raw("GET /api/v1/cases HTTP/1.1\r\n" + host + "\r\nGET /api/v1/jobs HTTP/1.1\r\n" +
                                      host + "Connection: close\r\n\r\n");
  EXPECT_THAT(both, HasSubstr("\"cases\""));
  EXPECT_THAT(both, HasSubstr("\"jobs\""));
  // After a body that was refused unread nothing on that connection is taken for a request.
  const std::string smuggled = server.Raw("GET /api/v1/cases HTTP/1.1\r\n" + host +
                                          "Content-Length: 60\r\n\r\nGET /api/v1/jobs HTTP/1.1\r\n" + host + "\r\n");
  EXPECT_TRUE(smuggled.starts_with("HTTP/1.1 400 ")) << smuggled;
  EXPECT_THAT(smuggled, Not(HasSubstr("\"jobs\"")));
}

TEST(Serve, ReadOnly) {
  Machine machine;
  machine.Investigate(WriteSmallCase(machine / "small"), machine / "elsewhere/small");
  HttpServer server(machine, {"--quiet", "--read-only", "--cases", "elsewhere"});
  EXPECT_EQ(server.Ask("GET", "/api/v1/cases/small").status, 200);
  EXPECT_EQ(server.Ask("POST", "/api/v1/cases", kJson, kNewCase).status, 403);
  EXPECT_EQ(server.Ask("PUT", "/api/v1/cases/small/evidence/a", {}, "x").status, 403);
  EXPECT_EQ(server.Ask("POST", "/api/v1/cases/small/investigate").status, 403);
  EXPECT_FALSE(fs::exists(machine / "elsewhere/.intake"));
}

TEST(Serve, AnAddressForOthersNeedsAToken) {
  Machine machine;
  const Outcome refused = machine.Run({"serve", "--host", "0.0.0.0", "--port", "0"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_TRUE(IsOneLine(refused.err));
  EXPECT_THAT(refused.err, HasSubstr("token"));
  WriteBytes(machine / "short", "abc\n");
  EXPECT_EQ(machine.Run({"serve", "--port", "0", "--token-file", "short"}).exit_code, 2);
  EXPECT_EQ(machine.Run({"serve", "--port", "0", "--token-file", "missing"}).exit_code, 2);
  EXPECT_EQ(machine.Run({"serve", "--port", "65536"}).exit_code, 2);
  const std::string token = "f00df00df00df00df00d";
  WriteBytes(machine / "token", token + "\n");
  HttpServer server(machine, {"--quiet", "--host", "0.0.0.0", "--token-file", "token"});
  EXPECT_EQ(server.Ask("GET", "/api/v1/cases").status, 401);
  EXPECT_EQ(server.Ask("GET", "/api/v1/cases", {"Authorization: Bearer " + token}).status, 200);
  const HttpAnswer session = server.Ask("POST", "/api/v1/session", {"Authorization: Bearer " + token});
  ASSERT_EQ(session.status, 204);
  const std::string cookie = session.headers.at("set-cookie");
  EXPECT_EQ(server.Ask("GET", "/api/v1/cases", {"Cookie: " + cookie.substr(0, cookie.find(';'))}).status, 200);
  EXPECT_EQ(server.Stop(SIGTERM), 0);
}

TEST(Serve, ATakenPortIsOneLine) {
  Machine machine;
  HttpServer server(machine, {"--quiet"});
  const Outcome second = machine.Run({"serve", "--port", std::to_string(server.port())});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_TRUE(IsOneLine(second.err)) << second.err;
}

// Silent connections, more than a small pool of threads would bear: the next client is served before they are given up.
TEST(Serve, ManyOpenConnectionsDoNotStopTheNext) {
  Machine machine;
  HttpServer server(machine, {"--quiet"});
  const auto start = std::chrono::steady_clock::now();
  std::vector<int> open;
  for (int i = 0; i < 200; ++i) {
    const int fd = ConnectTo(server.port());
    ASSERT_GE(fd, 0) << i;
    ASSERT_EQ(::send(fd, "G", 1, MSG_NOSIGNAL), 1);
    open.push_back(fd);
  }
  EXPECT_EQ(server.Ask("GET", "/api/v1/cases").status, 200);
  // With fewer threads than connections the answer comes only after some of them were given up. On a machine so slow
  // that their own deadlines may have passed meanwhile this says nothing.
  if (std::chrono::steady_clock::now() - start < std::chrono::seconds(5)) {
    std::size_t waiting = 0;
    char byte = 0;
    for (const int fd : open) waiting += ::recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN ? 1 : 0;
    EXPECT_EQ(waiting, open.size());
  }
  // Nor do they keep it from ending.
  EXPECT_EQ(server.Stop(SIGTERM), 0);
  for (const int fd : open) ::close(fd);
}

}  // namespace
}  // namespace ascribe::cli
