#include "serve/routes.h"

#include <array>
#include <set>

#include "base/text.h"

namespace ascribe::serve {
namespace {

constexpr std::string_view kJson = "application/json";

constexpr std::array kRoutes = {
    Route{RouteId::kPage, "GET", "/", "page", "The cases as a page", 200, "text/html; charset=utf-8", "", true},
    Route{RouteId::kReportPage, "GET", "/cases/{id}/report.html", "reportPage", "The report of a case as a page", 200,
          "text/html; charset=utf-8", ""},
    Route{RouteId::kOpenApi, "GET", "/openapi.json", "openApi", "This document", 200, kJson, "", true},
    Route{RouteId::kSession, "POST", "/api/v1/session", "openSession", "Trade the bearer token for a session cookie",
          204, "", "", true},
    Route{RouteId::kCases, "GET", "/api/v1/cases", "listCases", "All cases with their verdict", 200, kJson, "Cases"},
    Route{RouteId::kNewCase, "POST", "/api/v1/cases", "newCase", "Make a case that evidence can be uploaded into", 201,
          kJson, "CaseCreated"},
    Route{RouteId::kCase, "GET", "/api/v1/cases/{id}", "getCase",
          "The assessment, byte for byte; its ETag is the SHA-256", 200, kJson, "Assessment"},
    Route{RouteId::kCaseFile, "GET", "/api/v1/cases/{id}/{file}", "getCaseFile",
          "One output file of a case, byte for byte", 200, "application/octet-stream", ""},
    Route{RouteId::kEvidence, "PUT", "/api/v1/cases/{id}/evidence/{name}", "putEvidence",
          "Upload one file of evidence; it is never overwritten", 201, kJson, "Evidence"},
    Route{RouteId::kInvestigate, "POST", "/api/v1/cases/{id}/investigate", "investigate",
          "Queue an investigation of the case", 202, kJson, "Job"},
    Route{RouteId::kJobs, "GET", "/api/v1/jobs", "listJobs", "The jobs that are remembered, newest first", 200, kJson,
          "Jobs"},
    Route{RouteId::kJob, "GET", "/api/v1/jobs/{id}", "getJob", "One job", 200, kJson, "Job"},
    Route{RouteId::kJobEvents, "GET", "/api/v1/jobs/{id}/events", "jobEvents",
          "Server-sent events: progress, then done", 200, "text/event-stream", ""},
};

bool MatchPattern(std::string_view pattern, const std::vector<std::string_view>& segments,
                  std::vector<std::string>& parts) {
  const std::vector<std::string_view> wanted = Split(pattern, '/');
  if (wanted.size() != segments.size()) return false;
  parts.clear();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    std::optional<std::string> segment = PercentDecode(segments[i]);
    if (!segment) return false;
    if (!wanted[i].starts_with('{')) {
      if (*segment != wanted[i]) return false;
      continue;
    }
    if (segment->empty()) return false;
    parts.push_back(std::move(*segment));
  }
  return true;
}

}  // namespace

std::span<const Route> Routes() { return kRoutes; }

Match FindRoute(const Request& request, Response& refusal) {
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  const std::vector<std::string_view> segments = Split(path, '/');
  const std::string_view method = request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
  std::set<std::string_view> allowed;
  Match match;
  for (const Route& route : kRoutes) {
    if (!MatchPattern(route.pattern, segments, match.parts)) continue;
    if (route.method == method) {
      match.route = &route;
      return match;
    }
    allowed.insert(route.method);
  }
  match.parts.clear();
  if (allowed.empty()) {
    refusal = Problem(404, "no-such-address", "nothing lies there; GET /openapi.json lists what does");
    return match;
  }
  std::string list;
  for (std::string_view name : allowed)
    list += std::string(list.empty() ? "" : ", ") + std::string(name) + (name == "GET" ? ", HEAD" : "");
  refusal = Problem(405, "wrong-method", "this address takes: " + list);
  refusal.headers.emplace_back("Allow", list);
  return match;
}

}  // namespace ascribe::serve
