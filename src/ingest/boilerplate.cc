#include "ingest/boilerplate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include "base/text.h"
#include "ingest/host_names.h"
#include "ingest/report_sections.h"

namespace ascribe {
namespace {

constexpr std::array<std::string_view, kBoilerplateCount> kRuleNames = {
    "", "reference", "contact", "copyright", "repeated line", "link", "social or reference site", "publisher"};

// Where reports link to, not what they warn of. Plain links only: a defanged one is an indicator even here.
constexpr std::array<std::string_view, 26> kSocialSites = {"twitter.com",      "x.com",
                                                           "facebook.com",     "linkedin.com",
                                                           "youtube.com",      "youtu.be",
                                                           "instagram.com",    "mastodon.social",
                                                           "infosec.exchange", "bsky.app",
                                                           "reddit.com",       "medium.com",
                                                           "wikipedia.org",    "mitre.org",
                                                           "nist.gov",         "cisa.gov",
                                                           "us-cert.gov",      "first.org",
                                                           "virustotal.com",   "archive.org",
                                                           "doi.org",          "creativecommons.org",
                                                           "w3.org",           "schema.org",
                                                           "ncsc.gov.uk",      "cert.org"};

struct LineOfHits {
  std::size_t first = 0, last = 0;  // hits [first, last)
  Section section = Section::kBody;
  bool copyright = false;
  bool reference = false;
  std::string key;  // the line without digits and blanks, and its hits; empty: nothing but the indicator itself
};

bool IsJudged(EntityType type) {
  return type == EntityType::kDomain || type == EntityType::kUrl || type == EntityType::kEmail;
}

std::string HostOf(const Entity& entity) {
  if (entity.type == EntityType::kUrl) return UrlHost(entity.value);
  if (entity.type == EntityType::kEmail) return entity.value.substr(entity.value.find('@') + 1);
  return entity.value;
}

bool IsCopyright(std::string_view line) {
  const std::string lower = AsciiLower(line);
  for (std::string_view word : {"\xC2\xA9", "copyright", "all rights reserved", "(c) 20", "(c) 19"})
    if (lower.find(word) != std::string::npos) return true;
  return false;
}

// "[3] https://…", "[^3]: …", "Source: …", "Read more at …".
bool IsReferenceLine(std::string_view line) {
  line = Trim(line);
  while (!line.empty() && (line.front() == '-' || line.front() == '*' || line.front() == ' ')) line.remove_prefix(1);
  if (line.size() > 3 && line.front() == '[') {
    const std::size_t close = line.find(']');
    const std::string_view label = line.substr(1, close == std::string_view::npos ? 0 : close - 1);
    if (!label.empty() && label.find_first_not_of("^0123456789") == std::string_view::npos) return true;
    if (close != std::string_view::npos && line.substr(close + 1).starts_with(": http")) return true;
  }
  for (std::string_view start : {"source:", "sources:", "reference:", "references:", "read more", "see also",
                                 "via:", "credit:", "originally published", "for more information", "learn more"})
    if (StartsWithNoCase(line, start)) return true;
  return false;
}

// Page headers differ in their page number only, never in what they name. A line that is nothing but its indicator has
// no key: a list of indicators may well be printed three times.
std::string RepetitionKey(std::string_view line, std::size_t hit_bytes, const std::string& named) {
  std::string key;
  for (char c : line.substr(0, 400))
    if ((c < '0' || c > '9') && c != ' ' && c != '\t' && c != '\r') key += c;
  return key.size() <= hit_bytes + 3 ? std::string() : key + '\n' + named;
}

std::vector<LineOfHits> LinesWithHits(const ReportLayout& layout, const std::vector<IndicatorHit>& hits) {
  std::vector<LineOfHits> lines;
  SectionTracker tracker;
  std::size_t hit = 0, heading = 0;
  const std::string_view text = layout.text;
  for (std::size_t at = 0; at < text.size() && hit < hits.size();) {
    const std::size_t end = std::min(text.find_first_of("\n\f", at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const std::size_t next_end = std::min(text.find_first_of("\n\f", end + 1), text.size());
    const std::string_view next =
        end + 1 < text.size() ? text.substr(end + 1, std::min<std::size_t>(next_end - end - 1, 80)) : "";
    while (heading < layout.headings.size() && layout.headings[heading].first < at) ++heading;
    const bool known = heading < layout.headings.size() && layout.headings[heading].first <= end;
    LineOfHits found{hit, hit, Section::kBody, false, false, {}};
    std::size_t bytes = 0;
    bool judged = false;
    std::string named;
    for (; hit < hits.size() && hits[hit].offset <= end; ++hit) {
      bytes += hits[hit].length;
      if (!IsJudged(hits[hit].entity.type)) continue;
      judged = true;
      if (named.size() < 400) named += hits[hit].entity.value + ' ';
    }
    found.last = hit;
    tracker.Line(line, next, known ? layout.headings[heading].second : 0, found.last > found.first);
    found.section = tracker.section();
    if (judged) {
      found.copyright = IsCopyright(line);
      found.reference = IsReferenceLine(line);
      found.key = RepetitionKey(line, bytes, named);
    }
    if (found.last > found.first) lines.push_back(std::move(found));
    at = end + 1;
  }
  return lines;
}

bool InLink(const ReportLayout& layout, const IndicatorHit& hit) {
  const auto after = std::partition_point(layout.links.begin(), layout.links.end(),
                                          [&](const auto& link) { return link.first <= hit.offset; });
  if (after != layout.links.begin() && hit.offset < (after - 1)->second) return true;
  // Markdown: "](" stands before the target, "[" before and "](" after a text that is a link.
  const std::string_view text = layout.text;
  const std::size_t end = hit.offset + hit.length;
  return (hit.offset >= 2 && text.substr(hit.offset - 2, 2) == "](") ||
         text.substr(std::min(end, text.size()), 2) == "](";
}

bool IsSocial(const std::string& registrable) {
  return std::find(kSocialSites.begin(), kSocialSites.end(), registrable) != kSocialSites.end();
}

// The publisher: the domain with most plain links and addresses, at least two, one of which stands where only a
// publisher's does (a link, a footer, a contact). Without that, a server named in plain text three times would vanish.
std::string FindPublisher(const ReportLayout& layout, const std::vector<IndicatorHit>& hits,
                          const std::vector<Boilerplate>& rules, const std::vector<bool>& kept) {
  struct Votes {
    std::size_t all = 0, certain = 0;
  };
  std::map<std::string, Votes> votes;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (kept[i] || !IsJudged(hits[i].entity.type)) continue;
    const Boilerplate rule = rules[i];
    if (rule == Boilerplate::kReference || rule == Boilerplate::kSocial) continue;
    if (rule == Boilerplate::kNone && hits[i].entity.type == EntityType::kDomain) continue;
    Votes& v = votes[RegistrableDomain(HostOf(hits[i].entity))];
    ++v.all;
    if (rule != Boilerplate::kNone) ++v.certain;
  }
  for (const std::string& target : layout.link_targets) {
    const std::string host = UrlHost(target);
    if (host.empty() || IsSocial(RegistrableDomain(host))) continue;
    Votes& v = votes[RegistrableDomain(host)];
    ++v.all;
    ++v.certain;
  }
  std::string best;
  std::size_t most = 1;
  for (const auto& [domain, v] : votes) {
    if (v.certain == 0 || v.all < std::max<std::size_t>(most, 2)) continue;
    best = v.all == most ? std::string() : domain;  // two with the same number: neither stands out
    most = v.all;
  }
  return best;
}

}  // namespace

BoilerplateJudgement JudgeBoilerplate(const ReportLayout& layout, const std::vector<IndicatorHit>& hits) {
  BoilerplateJudgement judgement;
  judgement.hits.assign(hits.size(), Boilerplate::kNone);
  std::vector<bool> kept(hits.size(), true);
  const std::vector<LineOfHits> lines = LinesWithHits(layout, hits);
  struct Repeats {
    std::size_t all = 0, outside = 0;  // outside sections of indicators
  };
  std::unordered_map<std::string, Repeats> repeats;
  for (const LineOfHits& line : lines) {
    if (line.key.empty()) continue;
    Repeats& r = repeats[line.key];
    ++r.all;
    if (line.section != Section::kIndicators) ++r.outside;
  }
  for (const LineOfHits& line : lines) {
    // A list of indicators that runs over pages has the page footers in it; those stand outside of it as well.
    const auto found = line.key.empty() ? repeats.end() : repeats.find(line.key);
    const bool repeated = found != repeats.end() && found->second.all >= 3 && found->second.outside > 0;
    if (line.section == Section::kIndicators && !repeated) continue;
    for (std::size_t i = line.first; i < line.last; ++i) {
      if (hits[i].defanged || !IsJudged(hits[i].entity.type)) continue;
      kept[i] = false;
      Boilerplate& rule = judgement.hits[i];
      if (line.section == Section::kReferences || line.reference)
        rule = Boilerplate::kReference;
      else if (line.section == Section::kContact)
        rule = Boilerplate::kContact;
      else if (line.copyright)
        rule = Boilerplate::kCopyright;
      else if (repeated)
        rule = Boilerplate::kRepeated;
      else if (InLink(layout, hits[i]))
        rule = Boilerplate::kLinkTarget;
      else if (IsSocial(RegistrableDomain(HostOf(hits[i].entity))))
        rule = Boilerplate::kSocial;
    }
  }
  judgement.publisher = FindPublisher(layout, hits, judgement.hits, kept);
  if (judgement.publisher.empty()) return judgement;
  for (std::size_t i = 0; i < hits.size(); ++i)
    if (!kept[i] && judgement.hits[i] == Boilerplate::kNone &&
        RegistrableDomain(HostOf(hits[i].entity)) == judgement.publisher)
      judgement.hits[i] = Boilerplate::kPublisher;
  return judgement;
}

std::vector<Diagnostic> DescribeBoilerplate(const BoilerplateJudgement& judgement,
                                            const std::vector<IndicatorHit>& hits) {
  constexpr std::size_t kShown = 5;
  std::array<std::size_t, kBoilerplateCount> counts{};
  std::vector<std::string> shown;
  std::size_t total = 0;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (judgement.hits[i] == Boilerplate::kNone) continue;
    ++counts[static_cast<std::size_t>(judgement.hits[i])];
    ++total;
    const std::string value = TerminalSafe(Ellipsize(hits[i].entity.value, 80));
    if (shown.size() < kShown && std::find(shown.begin(), shown.end(), value) == shown.end()) shown.push_back(value);
  }
  if (total == 0) return {};
  std::string text =
      fmt::format("{} mention{} left out as the publisher's own, not as an indicator (", total, total == 1 ? "" : "s");
  std::string separator;
  for (std::size_t rule = 1; rule < counts.size(); ++rule) {
    if (counts[rule] == 0) continue;
    text += fmt::format("{}{} {}", separator, counts[rule], kRuleNames[rule]);
    separator = ", ";
  }
  text += "): ";
  for (std::size_t i = 0; i < shown.size(); ++i) text += (i == 0 ? "" : ", ") + shown[i];
  if (!judgement.publisher.empty()) text += "; publisher " + TerminalSafe(judgement.publisher);
  return {Diagnostic{Diagnostic::Severity::kInfo, {}, {}, "boilerplate", text}};
}

}  // namespace ascribe
