#include "base/time.h"

#include <fmt/format.h>

namespace ascribe {
namespace {

constexpr std::int64_t kDaySeconds = 86400;

// Howard Hinnant's days_from_civil / civil_from_days (public domain), valid for the proleptic Gregorian calendar.
std::int32_t DaysFromCivil(int y, unsigned m, unsigned d) {
  y -= m <= 2;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const unsigned yoe = static_cast<unsigned>(y - era * 400);
  const unsigned doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + static_cast<int>(doe) - 719468;
}

struct Civil {
  int year;
  unsigned month, day;
};

Civil CivilFromDays(std::int32_t z) {
  z += 719468;
  const int era = (z >= 0 ? z : z - 146096) / 146097;
  const unsigned doe = static_cast<unsigned>(z - era * 146097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  const unsigned month = mp < 10 ? mp + 3 : mp - 9;
  return {static_cast<int>(yoe) + era * 400 + (month <= 2), month, doy - (153 * mp + 2) / 5 + 1};
}

unsigned DaysInMonth(int year, unsigned month) {
  static constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

std::int32_t FloorDays(std::int64_t seconds) {
  std::int64_t days = seconds / kDaySeconds;
  if (seconds % kDaySeconds < 0) --days;
  return static_cast<std::int32_t>(days);
}

// Reads exactly `n` digits; false when there are fewer.
bool Digits(std::string_view& text, unsigned n, unsigned& out) {
  if (text.size() < n) return false;
  out = 0;
  for (unsigned i = 0; i < n; ++i) {
    const char c = text[i];
    if (c < '0' || c > '9') return false;
    out = out * 10 + static_cast<unsigned>(c - '0');
  }
  text.remove_prefix(n);
  return true;
}

bool Eat(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// hh:mm[:ss[.fraction]] and the zone; adds to `seconds`.
bool ParseClock(std::string_view text, std::int64_t& seconds) {
  unsigned hour = 0, minute = 0, second = 0;
  if (!Digits(text, 2, hour) || !Eat(text, ':') || !Digits(text, 2, minute)) return false;
  if (Eat(text, ':')) {
    if (!Digits(text, 2, second)) return false;
    if (Eat(text, '.')) {
      std::size_t n = 0;
      while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
      if (n == 0) return false;
      text.remove_prefix(n);
    }
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  if (second == 60) second = 59;  // a leap second stays within its minute, and its day
  seconds += hour * 3600 + minute * 60 + second;
  if (text.empty() || text == "Z" || text == "z") return true;
  const char sign = text.front();
  if (sign != '+' && sign != '-') return false;
  text.remove_prefix(1);
  unsigned zone_hour = 0, zone_minute = 0;
  if (!Digits(text, 2, zone_hour)) return false;
  Eat(text, ':');
  if (!Digits(text, 2, zone_minute) || !text.empty() || zone_hour > 14 || zone_minute > 59) return false;
  const std::int64_t shift = zone_hour * 3600 + zone_minute * 60;
  seconds += sign == '+' ? -shift : shift;
  return true;
}

}  // namespace

Date Date::FromCivil(int year, unsigned month, unsigned day) { return Date{DaysFromCivil(year, month, day)}; }

std::string Date::ToString() const {
  const Civil c = CivilFromDays(days);
  return fmt::format("{:04}-{:02}-{:02}", c.year, c.month, c.day);
}

Date Time::FirstDay() const { return Date{FloorDays(seconds)}; }

Date Time::LastDay() const {
  const Civil c = CivilFromDays(FloorDays(seconds));
  switch (precision) {
    case Precision::kYear: return Date::FromCivil(c.year, 12, 31);
    case Precision::kMonth: return Date::FromCivil(c.year, c.month, DaysInMonth(c.year, c.month));
    case Precision::kDay:
    case Precision::kSecond: break;
  }
  return FirstDay();
}

std::string Time::ToString() const {
  const std::int32_t day = FloorDays(seconds);
  const Civil c = CivilFromDays(day);
  switch (precision) {
    case Precision::kYear: return fmt::format("{:04}", c.year);
    case Precision::kMonth: return fmt::format("{:04}-{:02}", c.year, c.month);
    case Precision::kDay: return Date{day}.ToString();
    case Precision::kSecond: break;
  }
  const std::int64_t rest = seconds - static_cast<std::int64_t>(day) * kDaySeconds;
  return fmt::format("{}T{:02}:{:02}:{:02}Z", Date{day}.ToString(), rest / 3600, rest / 60 % 60, rest % 60);
}

std::optional<Time> ParseTime(std::string_view text) {
  unsigned year = 0, month = 1, day = 1;
  Time time;
  if (!Digits(text, 4, year) || year < 1970) return std::nullopt;
  time.precision = Time::Precision::kYear;
  if (Eat(text, '-')) {
    if (!Digits(text, 2, month) || month < 1 || month > 12) return std::nullopt;
    time.precision = Time::Precision::kMonth;
    if (Eat(text, '-')) {
      if (!Digits(text, 2, day) || day < 1 || day > DaysInMonth(static_cast<int>(year), month)) return std::nullopt;
      time.precision = Time::Precision::kDay;
    }
  }
  time.seconds = static_cast<std::int64_t>(DaysFromCivil(static_cast<int>(year), month, day)) * kDaySeconds;
  if (text.empty()) return time;
  if (time.precision != Time::Precision::kDay) return std::nullopt;
  if (!Eat(text, 'T') && !Eat(text, 't') && !Eat(text, ' ')) return std::nullopt;
  if (!ParseClock(text, time.seconds)) return std::nullopt;
  time.precision = Time::Precision::kSecond;
  return time;
}

std::optional<Date> ParseAsOf(std::string_view text) {
  const std::optional<Time> time = ParseTime(text);
  if (!time || time->precision == Time::Precision::kSecond || time->precision == Time::Precision::kYear) return std::nullopt;
  return time->LastDay();
}

std::optional<int> ParseUtcOffset(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' || !digit(1) || !digit(2) || !digit(4) || !digit(5))
    return std::nullopt;
  const int hours = (text[1] - '0') * 10 + (text[2] - '0'), minutes = (text[4] - '0') * 10 + (text[5] - '0');
  if (minutes > 59 || hours * 60 + minutes > 14 * 60) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace ascribe
