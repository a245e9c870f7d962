#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace ascribe {

/// Admiralty code (NATO AJP-2.1): reliability of the publisher A..F, credibility of the content 1..6. F and 6 mean
/// "cannot be judged", not "bad".
struct AdmiraltyGrade {
  char reliability = 'C';
  std::uint8_t credibility = 3;
  bool operator==(const AdmiraltyGrade&) const = default;
  [[nodiscard]] std::string ToString() const { return std::string(1, reliability) + static_cast<char>('0' + credibility); }
};

/// "B2" -> grade; std::nullopt for anything else.
[[nodiscard]] inline std::optional<AdmiraltyGrade> ParseGrade(std::string_view text) {
  if (text.size() != 2 || text[0] < 'A' || text[0] > 'F' || text[1] < '1' || text[1] > '6') return std::nullopt;
  return AdmiraltyGrade{text[0], static_cast<std::uint8_t>(text[1] - '0')};
}

/// Traffic Light Protocol 2.0 (FIRST, 2022), in ascending order of restriction.
enum class Tlp : std::uint8_t { kClear, kGreen, kAmber, kAmberStrict, kRed };
[[nodiscard]] constexpr std::string_view TlpName(Tlp tlp) {
  constexpr std::string_view kNames[] = {"CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"};
  return kNames[static_cast<std::size_t>(tlp)];
}
[[nodiscard]] constexpr std::optional<Tlp> ParseTlp(std::string_view name) {
  for (Tlp tlp : {Tlp::kClear, Tlp::kGreen, Tlp::kAmber, Tlp::kAmberStrict, Tlp::kRed})
    if (TlpName(tlp) == name) return tlp;
  return std::nullopt;
}

/// A document or a person that says something. Ids are unique within a case or a pack.
struct Source {
  std::string id;
  std::string title;
  std::string publisher;
  std::string url;
  std::optional<Time> published;
  AdmiraltyGrade grade;
  std::string origin;        ///< what it goes back to; sources of one origin count once. Empty: its own id
  std::string derived_from;  ///< id of the source it repeats; empty: none
  bool inspectable = true;   ///< false: asserted, not inspectable
  bool operator==(const Source&) const = default;
};

}  // namespace ascribe
