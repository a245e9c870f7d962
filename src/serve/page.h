#pragma once

#include <string>
#include <vector>

#include "serve/case_list.h"

namespace ascribe::serve {

/// The page of all cases: no request to anywhere else, no inline event handlers. Texts of cases are escaped.
[[nodiscard]] std::string CasesPage(const std::vector<CaseSummary>& cases, bool read_only);
/// The page that asks for the token.
[[nodiscard]] std::string SignInPage();
/// Content-Security-Policy of both: their own style and script by SHA-256, requests to this server only.
[[nodiscard]] const std::string& PageCsp();
/// Content-Security-Policy of a report: what is inline in it, and an origin of its own, so that it cannot use this
/// server.
inline constexpr std::string_view kReportCsp =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-downloads";

}  // namespace ascribe::serve
