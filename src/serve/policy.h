#pragma once

#include <optional>
#include <string>
#include <vector>

#include "serve/http.h"

namespace ascribe::serve {

/// Who may ask, and what. Made once at the start.
struct Policy {
  std::vector<std::string> hosts;  ///< values of the Host header that mean us, with the port
  bool any_address = false;        ///< bound to a wildcard: any IP address literal with the port means us as well
  int port = 0;
  std::string token;    ///< empty: none is asked for (loopback only)
  std::string session;  ///< value of the session cookie; made from the token, so a restart ends all sessions
  bool read_only = false;
};

/// "localhost", 127.0.0.0/8 and ::1: addresses that other machines cannot reach. Names are not resolved.
[[nodiscard]] bool IsLoopback(std::string_view host);
[[nodiscard]] bool IsWildcard(std::string_view host);

/// The policy for a server bound to `host` and `port`.
[[nodiscard]] Policy MakePolicy(std::string_view host, int port, std::string token, bool read_only);

/// Longest request target; ours have at most 300 characters.
inline constexpr std::size_t kMaxTarget = 1024;
/// Fewer characters can be guessed.
inline constexpr std::size_t kMinToken = 16;

/// Checks that hold for every request: target, Host (DNS rebinding), Origin, encodings. An answer is a refusal.
[[nodiscard]] std::optional<Response> CheckSender(const Policy& policy, const Request& request);

/// Whether the bearer token or the session cookie is there and right; always true without a token.
[[nodiscard]] bool IsAuthorised(const Policy& policy, const Request& request);

/// Checks for every request that is no GET: the header that no page of another site can send.
[[nodiscard]] std::optional<Response> CheckCsrf(const Request& request);

/// Whether a body follows, going by the head.
[[nodiscard]] bool HasBody(const Request& request);

/// The length of the body, within `limit`; or a refusal. Chunked bodies are refused: their length is not known in time.
[[nodiscard]] std::optional<Response> CheckBody(const Request& request, std::uint64_t limit, std::uint64_t& length);

/// Headers on every answer.
void AddSafetyHeaders(Response& response);

inline constexpr std::string_view kCookie = "ascribe_session";
inline constexpr std::string_view kCsrfHeader = "X-Ascribe-Csrf";

}  // namespace ascribe::serve
