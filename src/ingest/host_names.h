#pragma once

#include <string>
#include <string_view>

namespace ascribe {

/// True when `label` is a top-level domain of the compact list: all country codes, and the generic ones that reports of
/// attacks name. Any case; IDN endings (xn--) count. The root zone is not mirrored: a rare ending needs defanging.
[[nodiscard]] bool IsKnownTld(std::string_view label);

/// True when `host` (no port, no scheme) is a host name rather than a file name, an abbreviation or a namespace.
/// `defanged`: its author marked it as an indicator, so doubtful endings count as well.
[[nodiscard]] bool IsHostName(std::string_view host, bool defanged);

/// The part of a host that somebody registers ("a.b.co.uk" -> "b.co.uk"), lower case. By a rule of thumb for the second
/// level of country codes instead of the Public Suffix List: it only groups links of one publisher.
[[nodiscard]] std::string RegistrableDomain(std::string_view host);

/// The host of a URL, without user, port and brackets, lower case; empty when there is none.
[[nodiscard]] std::string UrlHost(std::string_view url);

}  // namespace ascribe
