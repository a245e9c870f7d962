#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ascribe {

/// A calendar day, counted in days since 1970-01-01 (proleptic Gregorian, UTC).
struct Date {
  std::int32_t days = 0;
  auto operator<=>(const Date&) const = default;
  [[nodiscard]] std::string ToString() const;  ///< YYYY-MM-DD
  static Date FromCivil(int year, unsigned month, unsigned day);
};

/// A moment as evidence states it: a year, a month, a day or a second. Kept with its precision, because
/// "2012" and "2012-01-01" are different claims.
struct Time {
  enum class Precision : std::uint8_t { kYear, kMonth, kDay, kSecond };
  std::int64_t seconds = 0;  ///< start of the stated period, seconds since the epoch, UTC
  Precision precision = Precision::kDay;

  auto operator<=>(const Time&) const = default;
  [[nodiscard]] Date FirstDay() const;
  [[nodiscard]] Date LastDay() const;  ///< the last day of the stated period: what "known from" uses
  [[nodiscard]] std::string ToString() const;  ///< with the stated precision; seconds as RFC 3339 with Z
};

/// Parses YYYY, YYYY-MM, YYYY-MM-DD and RFC 3339 date-times (T or space, optional fraction, Z or +hh:mm; without a
/// zone UTC is assumed). Years 1970 to 9999. Anything else is std::nullopt.
[[nodiscard]] std::optional<Time> ParseTime(std::string_view text);

/// Minutes east of UTC from "+09:00" or "-03:30" (sign, two digits, colon, two digits; at most 14 hours). Anything else is
/// std::nullopt.
[[nodiscard]] std::optional<int> ParseUtcOffset(std::string_view text);

/// YYYY-MM-DD, or YYYY-MM meaning its last day: the reading of --as-of. Anything else is std::nullopt.
[[nodiscard]] std::optional<Date> ParseAsOf(std::string_view text);

}  // namespace ascribe
