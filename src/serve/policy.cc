#include "serve/policy.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "base/sha256.h"
#include "base/text.h"

namespace ascribe::serve {
namespace {

std::string WithPort(std::string_view host, int port) {
  const bool v6 = host.find(':') != std::string_view::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

bool IsAddress(int family, std::string_view text) {
  in6_addr address{};
  return ::inet_pton(family, std::string(text).c_str(), &address) == 1;
}

// An address cannot be rebound: only names are looked up in the DNS.
bool IsAddressWithPort(std::string_view host, int port) {
  const std::string suffix = fmt::format(":{}", port);
  if (!host.ends_with(suffix)) return false;
  host.remove_suffix(suffix.size());
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    return IsAddress(AF_INET6, host.substr(1, host.size() - 2));
  return IsAddress(AF_INET, host);
}

bool IsOurHost(const Policy& policy, std::string_view host) {
  const std::string lower = AsciiLower(host);
  if (std::find(policy.hosts.begin(), policy.hosts.end(), lower) != policy.hosts.end()) return true;
  return policy.any_address && IsAddressWithPort(lower, policy.port);
}

std::string_view CookieValue(std::string_view cookies, std::string_view name) {
  for (std::string_view part : Split(cookies, ';')) {
    part = Trim(part);
    if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=')
      return part.substr(name.size() + 1);
  }
  return {};
}

}  // namespace

bool IsLoopback(std::string_view host) {
  if (AsciiLower(host) == "localhost" || host == "::1") return true;
  return host.starts_with("127.") && IsAddress(AF_INET, host);
}

bool IsWildcard(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

Policy MakePolicy(std::string_view host, int port, std::string token, bool read_only) {
  Policy policy;
  policy.port = port;
  policy.read_only = read_only;
  policy.any_address = IsWildcard(host);
  for (std::string_view name :
       {std::string_view("localhost"), std::string_view("127.0.0.1"), std::string_view("::1"), host}) {
    policy.hosts.push_back(AsciiLower(WithPort(name, port)));
    if (port == 80) policy.hosts.push_back(AsciiLower(WithPort(name, port).substr(0, WithPort(name, port).rfind(':'))));
  }
  policy.token = std::move(token);
  if (!policy.token.empty()) {
    std::random_device random;
    std::string salt;
    for (int i = 0; i < 8; ++i) salt += fmt::format("{:08x}", random());
    policy.session = Sha256Hex("ascribe session\n" + salt + "\n" + policy.token);
  }
  return policy;
}

std::optional<Response> CheckSender(const Policy& policy, const Request& request) {
  if (request.target.size() > kMaxTarget)
    return Problem(414, "target-too-long", "the address is longer than any of ours");
  if (request.target.empty() || request.target.front() != '/')
    return Problem(400, "bad-target", "the target must be a path that begins with /");
  if (request.Count("Host") != 1 || !IsOurHost(policy, request.Header("Host")))
    return Problem(421, "wrong-host",
                   "the Host header names another machine; open the address that was printed at the start");
  if (const std::size_t origins = request.Count("Origin"); origins > 0) {
    const std::string_view origin = request.Header("Origin");
    // Behind a proxy that adds TLS the scheme differs; host and port are what tells pages apart here.
    const std::size_t scheme = origin.find("://");
    if (origins > 1 || scheme == std::string_view::npos || !IsOurHost(policy, origin.substr(scheme + 3)))
      return Problem(403, "foreign-origin", "a page of another site asked; only pages of this server may");
  }
  if (!request.Header("Content-Encoding").empty())
    return Problem(415, "encoded-body", "send the body as it is, without Content-Encoding");
  if (StartsWithNoCase(request.Header("Content-Type"), "multipart/"))
    return Problem(415, "multipart-body", "send one file as the raw body of a PUT");
  return std::nullopt;
}

bool IsAuthorised(const Policy& policy, const Request& request) {
  if (policy.token.empty()) return true;
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view authorisation = request.Header("Authorization");
  if (StartsWithNoCase(authorisation, kBearer))
    return EqualInConstantTime(authorisation.substr(kBearer.size()), policy.token);
  return EqualInConstantTime(CookieValue(request.Header("Cookie"), kCookie), policy.session);
}

std::optional<Response> CheckCsrf(const Request& request) {
  if (request.Count(kCsrfHeader) == 1 && request.Header(kCsrfHeader) == "1") return std::nullopt;
  return Problem(403, "csrf", fmt::format("requests that are no GET need the header {}: 1", kCsrfHeader));
}

bool HasBody(const Request& request) {
  if (request.Count("Transfer-Encoding") > 0 || request.Count("Content-Length") > 1) return true;
  return request.Count("Content-Length") == 1 && request.Header("Content-Length") != "0";
}

std::optional<Response> CheckBody(const Request& request, std::uint64_t limit, std::uint64_t& length) {
  length = 0;
  if (request.Count("Transfer-Encoding") > 0)
    return Problem(411, "length-required", "send a Content-Length; chunked bodies are not taken");
  const std::size_t lengths = request.Count("Content-Length");
  if (lengths == 0) return Problem(411, "length-required", "send a Content-Length");
  const std::optional<std::uint64_t> value = ParseDecimal(request.Header("Content-Length"));
  if (lengths > 1 || !value) return Problem(400, "bad-length", "Content-Length must be one decimal number");
  if (*value > limit)
    return Problem(413, "too-large", fmt::format("the body has {} bytes, the limit is {}", *value, limit));
  length = *value;
  return std::nullopt;
}

void AddSafetyHeaders(Response& response) {
  const auto add = [&](std::string_view name, std::string_view value) {
    if (response.Header(name).empty()) response.headers.emplace_back(name, value);
  };
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "same-origin");
  add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
  add("X-Frame-Options", "DENY");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cache-Control", "no-cache");
}

}  // namespace ascribe::serve
