#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/indicators.h"
#include "model/diagnostic.h"

namespace ascribe {

/// Why a host, URL or e-mail address in a report is its publisher's furniture rather than an indicator. Rules are tried
/// in this order; two overrule all others: what is defanged, and what stands in a section, list or table headed as
/// indicators (page footers apart), is an indicator. Hashes, addresses, files, keys and techniques are never
/// boilerplate.
enum class Boilerplate : std::uint8_t {
  kNone,        ///< an indicator
  kReference,   ///< under "References", "Sources", "Read more"…, or on a line "[1] https://…" or "Source: …"
  kContact,     ///< under "About", "Contact", "Media inquiries"…
  kCopyright,   ///< on a line with a copyright notice
  kRepeated,    ///< on a line that stands there three times or more, digits aside: a page header or footer
  kLinkTarget,  ///< a link of the document ([text](url), <a href>), not a word of its text
  kSocial,      ///< a social network or a well-known reference site
  kPublisher,   ///< of the domain that most of the above and most plain links belong to
};
inline constexpr std::size_t kBoilerplateCount = static_cast<std::size_t>(Boilerplate::kPublisher) + 1;

/// The text of a report with what its format says about it. Offsets count bytes of `text`; lists are ascending.
struct ReportLayout {
  std::string_view text;
  std::vector<std::pair<std::size_t, unsigned>> headings;  ///< beginning of a heading's line, level 1..6
  std::vector<std::pair<std::size_t, std::size_t>> links;  ///< [begin, end) of text that is a link
  std::vector<std::string> link_targets;                   ///< where links lead: they help to find the publisher
};

struct BoilerplateJudgement {
  std::vector<Boilerplate> hits;  ///< one for each hit
  std::string publisher;          ///< registrable domain; empty: none stood out
};

/// Judges each hit. Work and memory grow linearly with the text and the hits. Deterministic.
[[nodiscard]] BoilerplateJudgement JudgeBoilerplate(const ReportLayout& layout, const std::vector<IndicatorHit>& hits);

/// One info diagnostic "boilerplate" with the count by rule and the first few values, so that nobody has to trust the
/// rules blindly; no diagnostic when nothing was left out.
[[nodiscard]] std::vector<Diagnostic> DescribeBoilerplate(const BoilerplateJudgement& judgement,
                                                          const std::vector<IndicatorHit>& hits);

}  // namespace ascribe
