#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ascribe {

/// What a part of a report is for, by its heading.
enum class Section : std::uint8_t { kBody, kIndicators, kReferences, kContact };

/// Follows the sections of a report line by line. Headings are those of Markdown (#, underlines, **bold** lines), those
/// the caller knows of (HTML), and in plain text short lines that consist of nothing but a known title ("References",
/// "Indicators of compromise:"). A deeper heading without a known title stays in the section it stands in. A list or
/// table introduced by a line about indicators ("The following hashes:", "| SHA-256 | Name |") is one until a blank
/// line.
class SectionTracker {
 public:
  /// Takes the next line, without its line break. `next` is the one after it (for underlined headings), `level` > 0
  /// says that the line is a heading. `has_hits`: lines with indicators on them are no plain-text headings.
  void Line(std::string_view line, std::string_view next, unsigned level, bool has_hits);
  /// The section of the line last taken.
  [[nodiscard]] Section section() const { return list_ ? Section::kIndicators : section_; }

 private:
  void Enter(std::optional<Section> found, unsigned level);
  Section section_ = Section::kBody;
  unsigned level_ = 1;       // of the heading that opened section_
  bool list_ = false;        // inside a list or table of indicators
  bool list_began_ = false;  // it had a first line
};

/// The section that a title announces by its words, if any.
[[nodiscard]] std::optional<Section> SectionOfTitle(std::string_view title);

}  // namespace ascribe
