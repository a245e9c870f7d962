#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http.h"

namespace ascribe::serve {

enum class RouteId : std::uint8_t {
  kPage,
  kReportPage,
  kOpenApi,
  kSession,
  kCases,
  kNewCase,
  kCase,
  kCaseFile,
  kEvidence,
  kInvestigate,
  kJobs,
  kJob,
  kJobEvents,
};

/// One operation. The router and the OpenAPI document are both made from this table.
struct Route {
  RouteId id;
  std::string_view method, pattern;  ///< "{x}" stands for one segment
  std::string_view name, summary;    ///< operationId and one line
  int success;                       ///< status when all goes well
  std::string_view type;             ///< media type then; empty: no body
  std::string_view schema;           ///< of a JSON body, in the document's components; may be empty
  bool open = false;                 ///< answers without a token too (without data of cases)
};

[[nodiscard]] std::span<const Route> Routes();

struct Match {
  const Route* route = nullptr;
  std::vector<std::string> parts;  ///< decoded values of the {x}
};

/// Finds the route of a request; HEAD counts as GET. An empty Match comes with the refusal in `refusal`: 404, or 405
/// with Allow.
[[nodiscard]] Match FindRoute(const Request& request, Response& refusal);

/// The OpenAPI 3.1 document of Routes().
[[nodiscard]] std::string OpenApi();

}  // namespace ascribe::serve
