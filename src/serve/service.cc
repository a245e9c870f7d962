#include "serve/service.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "serve/page.h"

namespace ascribe::serve {
namespace {

constexpr std::string_view kJson = "application/json";

// The files that investigate writes, and no other: whatever else lies in the folder is nobody's business.
std::string_view OutputType(std::string_view name) {
  for (std::string_view json : {"assessment.json", "case.json", "response.json", "stix.json", "misp.json", "layers.json"})
    if (name == json) return kJson;
  if (name == "custody.jsonl") return "application/jsonl";
  if (name == "facts.csv") return "text/csv; charset=utf-8";
  if (name == "report.md") return "text/markdown; charset=utf-8";
  if (name == "report.txt" || name == "manifest-sha256.txt") return "text/plain; charset=utf-8";
  if (IsPlainName(name) && name.starts_with("scenario-") && name.ends_with(".json")) return kJson;
  return {};
}

bool ListsTag(std::string_view header, std::string_view tag) {
  for (std::string_view item : Split(header, ',')) {
    item = Trim(item);
    if (item == "*") return true;
    if (item.starts_with("W/")) item.remove_prefix(2);  // RFC 9110, 13.1.2: compared weakly
    if (item == tag) return true;
  }
  return false;
}

Response FromError(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidInput:
      return Problem(422, "bad-case", error.message);
    case ErrorCode::kNotFound:
      return Problem(404, "not-found", error.message);
    case ErrorCode::kConflict:
      return Problem(409, "conflict", error.message);
    case ErrorCode::kLimitExceeded:
      return Problem(413, "too-large", error.message);
    case ErrorCode::kUnavailable: {
      Response busy = Problem(503, "busy", error.message);
      busy.headers.emplace_back("Retry-After", "5");
      return busy;
    }
    default:
      return Problem(500, "failure", error.message);
  }
}

Response Unauthorised() {
  Response response = Problem(401, "token-needed", "send Authorization: Bearer TOKEN, or sign in at /");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

class NewCaseSink : public BodySink {
 public:
  explicit NewCaseSink(Intake& intake) : intake_(intake) {}
  bool Take(std::string_view piece) override {
    if (text_.size() + piece.size() > kMaxJsonBody) return false;
    text_ += piece;
    return true;
  }
  Response Finish(bool complete) override {
    if (!complete) return Problem(400, "cut-body", "the body is not as long as its Content-Length");
    const auto wanted = ParseNewCase(text_);
    if (!wanted) return FromError(wanted.error());
    if (const Status made = intake_.Create(*wanted); !made) return FromError(made.error());
    Response response = Answer(201, kJson, nlohmann::json{{"id", wanted->id}}.dump() + "\n");
    response.headers.emplace_back("Location", "/api/v1/cases/" + wanted->id);
    return response;
  }

 private:
  Intake& intake_;
  std::string text_;
};

class SafeSink : public BodySink {
 public:
  explicit SafeSink(std::unique_ptr<BodySink> sink) : sink_(std::move(sink)) {}
  bool Take(std::string_view piece) override { return sink_->Take(piece); }
  Response Finish(bool complete) override {
    Response response = sink_->Finish(complete);
    response.close = !complete;
    AddSafetyHeaders(response);
    return response;
  }

 private:
  std::unique_ptr<BodySink> sink_;
};

}  // namespace

Service::Service(std::filesystem::path root, Engine engine, Policy policy)
    : root_(std::move(root)),
      engine_(std::move(engine)),
      policy_(std::move(policy)),
      cases_(root_, engine_, files_),
      intake_(root_),
      jobs_(engine_) {}

Step Service::Start(const Request& request) {
  Step step = Route(request);
  if (step.body != nullptr) {
    step.body = std::make_unique<SafeSink>(std::move(step.body));
    return step;
  }
  step.response.close = HasBody(request);
  AddSafetyHeaders(step.response);
  return step;
}

Response Service::Handle(const Request& request, std::string_view body) {
  Step step = Start(request);
  if (step.body == nullptr) return std::move(step.response);
  const bool taken = step.body->Take(body);
  return step.body->Finish(taken && ParseDecimal(request.Header("Content-Length")) == body.size());
}

Step Service::Route(const Request& request) {
  if (std::optional<Response> refusal = CheckSender(policy_, request)) return {std::move(*refusal), nullptr};
  Response refusal;
  const Match match = FindRoute(request, refusal);
  const bool open = match.route != nullptr && match.route->open;
  if (!open && !IsAuthorised(policy_, request)) return {Unauthorised(), nullptr};
  if (match.route == nullptr) return {std::move(refusal), nullptr};
  if (match.route->method != "GET") {
    if (std::optional<Response> csrf = CheckCsrf(request)) return {std::move(*csrf), nullptr};
    return Change(request, match);
  }
  if (HasBody(request)) return {Problem(400, "unexpected-body", "a GET takes no body"), nullptr};
  return {Read(request, match), nullptr};
}

Step Service::Change(const Request& request, const Match& match) {
  const RouteId id = match.route->id;
  const bool takes_body = id == RouteId::kNewCase || id == RouteId::kEvidence;
  if (!takes_body && HasBody(request)) return {Problem(413, "unexpected-body", "this request takes no body"), nullptr};
  if (id == RouteId::kSession) return {IsAuthorised(policy_, request) ? OpenSession() : Unauthorised(), nullptr};
  if (policy_.read_only) return {Problem(403, "read-only", "this server was started with --read-only"), nullptr};
  if (id == RouteId::kInvestigate) return {Investigate(match.parts[0]), nullptr};
  std::uint64_t length = 0;
  if (id == RouteId::kNewCase) {
    if (std::optional<Response> refusal = CheckBody(request, kMaxJsonBody, length))
      return {std::move(*refusal), nullptr};
    if (!StartsWithNoCase(request.Header("Content-Type"), kJson))
      return {Problem(415, "not-json", "send Content-Type: application/json"), nullptr};
    return {{}, std::make_unique<NewCaseSink>(intake_)};
  }
  if (std::optional<Response> refusal = CheckBody(request, kMaxUpload, length)) return {std::move(*refusal), nullptr};
  return intake_.Upload(match.parts[0], match.parts[1], length);
}

Response Service::Read(const Request& request, const Match& match) {
  switch (match.route->id) {
    case RouteId::kPage:
      return Page(request);
    case RouteId::kOpenApi:
      return Answer(200, kJson, OpenApi());
    case RouteId::kCases:
      return Answer(200, kJson, cases_.ToJson(cases_.List()));
    case RouteId::kCase:
      return OutputFile(request, match.parts[0], "assessment.json", kJson);
    case RouteId::kCaseFile:
      return OutputFile(request, match.parts[0], match.parts[1], OutputType(match.parts[1]));
    case RouteId::kReportPage: {
      Response response = OutputFile(request, match.parts[0], "report.html", match.route->type);
      if (response.status == 200) response.headers.emplace_back("Content-Security-Policy", kReportCsp);
      return response;
    }
    case RouteId::kJobs:
      return JobList();
    case RouteId::kJob: {
      const std::optional<Job> job = jobs_.Find(match.parts[0]);
      return job ? Answer(200, kJson, job->ToJson() + "\n")
                 : Problem(404, "no-such-job", "there is no such job; old ones are forgotten");
    }
    case RouteId::kJobEvents:
      return JobEvents(match.parts[0]);
    case RouteId::kSession:
    case RouteId::kNewCase:
    case RouteId::kEvidence:
    case RouteId::kInvestigate:
      break;  // no GET
  }
  return Problem(500, "failure", "a mistake of ours");
}

Response Service::Page(const Request& request) {
  const bool known = IsAuthorised(policy_, request);
  Response response =
      Answer(200, "text/html; charset=utf-8", known ? CasesPage(cases_.List(), policy_.read_only) : SignInPage());
  response.headers.emplace_back("Content-Security-Policy", PageCsp());
  return response;
}

Response Service::OutputFile(const Request& request, std::string_view id, std::string_view name,
                             std::string_view type) {
  if (type.empty()) return Problem(404, "no-such-file", "investigate writes no file of that name");
  if (!IsCaseId(id)) return Problem(404, "no-such-case", "there is no such case");
  const Result<FileBytes> file = files_.Get(root_, {id, name});
  if (!file)
    return file.error().code == ErrorCode::kNotFound
               ? Problem(404, "no-such-file", "the case is not there, or has no such file yet")
               : FromError(file.error());
  const std::string tag = "\"" + file->sha256 + "\"";
  Response response;
  response.headers.emplace_back("ETag", tag);
  if (ListsTag(request.Header("If-None-Match"), tag)) {
    response.status = 304;
    return response;
  }
  response.headers.emplace_back("Content-Type", type);
  response.body = file->bytes;
  return response;
}

Response Service::OpenSession() {
  Response response;
  response.status = 204;
  // Without a token there is nothing to trade. No "Secure": the server speaks plain HTTP, docs/serve.md says where that
  // is fit.
  if (!policy_.token.empty())
    response.headers.emplace_back("Set-Cookie",
                                  fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict", kCookie, policy_.session));
  return response;
}

Response Service::Investigate(const std::string& id) {
  if (!intake_.Has(id)) {
    if (cases_.Find(id))
      return Problem(409, "no-case-folder",
                     "the case was investigated from the command line; its evidence is not here");
    return Problem(404, "no-such-case", "make the case first: POST /api/v1/cases");
  }
  const Result<Job> job = jobs_.Add(id, intake_.Folder(id), root_ / id);
  if (!job) return FromError(job.error());
  Response response = Answer(202, kJson, job->ToJson() + "\n");
  response.headers.emplace_back("Location", "/api/v1/jobs/" + job->Id());
  return response;
}

Response Service::JobList() const {
  std::string list;
  for (const Job& job : jobs_.List()) list += (list.empty() ? "\n" : ",\n") + job.ToJson();
  return Answer(200, kJson, "{\"jobs\": [" + list + "]}\n");
}

Response Service::JobEvents(const std::string& id) {
  if (!jobs_.Find(id)) return Problem(404, "no-such-job", "there is no such job; old ones are forgotten");
  Response response;
  response.events = jobs_.Listen(id);
  if (response.events == nullptr)
    return FromError({ErrorCode::kUnavailable, "too many listen to jobs already; ask GET /api/v1/jobs/{id} instead"});
  response.headers.emplace_back("Content-Type", "text/event-stream");
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace ascribe::serve
