#include "model/source_toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/text.h"
#include "model/toml_keys.h"

namespace ascribe {
namespace {

// Thousands of sources are a library, not a pack; the limit keeps hostile files small in memory.
constexpr std::size_t kMaxSources = 100'000;

tl::unexpected<Error> Bad(const toml::node& node, std::string_view text) {
  return Fail(ErrorCode::kInvalidInput, fmt::format("line {}: {}", node.source().begin.line, text));
}

Status ReadText(const toml::node& node, std::string_view key, std::string& out) {
  const auto* text = node.as_string();
  if (text == nullptr) return Bad(node, fmt::format("{} needs text in quotes", key));
  out = SanitizeUtf8(text->get());
  return {};
}

Status ReadMember(std::string_view key, const toml::node& node, Source& source) {
  if (key == "id") {
    TRY(ReadText(node, key, source.id));
    if (!IsSourceId(source.id)) return Bad(node, "a source id has 1 to 128 of A-Z a-z 0-9 . _ -");
  } else if (key == "title") {
    return ReadText(node, key, source.title);
  } else if (key == "publisher") {
    return ReadText(node, key, source.publisher);
  } else if (key == "url") {
    return ReadText(node, key, source.url);
  } else if (key == "origin") {
    return ReadText(node, key, source.origin);
  } else if (key == "derived_from") {
    return ReadText(node, key, source.derived_from);
  } else if (key == "published") {
    const auto text = TomlDateText(node);
    if (text && text->empty()) return {};
    source.published = text ? ParseTime(*text) : std::nullopt;
    if (!source.published) return Bad(node, "published is no date: write YYYY, YYYY-MM or YYYY-MM-DD");
  } else if (key == "reliability") {
    const auto* text = node.as_string();
    if (text == nullptr || text->get().size() != 1 || text->get()[0] < 'A' || text->get()[0] > 'F')
      return Bad(node, "reliability is one of \"A\" to \"F\"");
    source.grade.reliability = text->get()[0];
  } else if (key == "credibility") {
    const auto* number = node.as_integer();
    if (number == nullptr || number->get() < 1 || number->get() > 6)
      return Bad(node, "credibility is a number from 1 to 6");
    source.grade.credibility = static_cast<std::uint8_t>(number->get());
  } else if (key == "inspectable") {
    const auto* flag = node.as_boolean();
    if (flag == nullptr) return Bad(node, "inspectable is true or false");
    source.inspectable = flag->get();
  }
  return {};
}

}  // namespace

bool IsSourceId(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), allowed);
}

std::optional<std::string> TomlDateText(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  std::ostringstream out;
  if (const auto* date = node.as_date()) {
    out << date->get();
  } else if (const auto* moment = node.as_date_time()) {
    out << moment->get();
  } else {
    return std::nullopt;
  }
  return out.str();
}

Result<std::vector<Source>> SourcesFromToml(const toml::table& document, std::string_view file,
                                            std::vector<Diagnostic>& diagnostics) {
  std::vector<Source> sources;
  const toml::node* list = document.get("source");
  if (list == nullptr) return sources;
  const toml::array* tables = list->as_array();
  if (tables == nullptr) return Bad(*list, "sources are written as [[source]]");
  if (tables->size() > kMaxSources)
    return Fail(ErrorCode::kLimitExceeded, fmt::format("more than {} sources", kMaxSources));
  DiagnosticList unread;
  for (const toml::node& element : *tables) {
    const toml::table* table = element.as_table();
    if (table == nullptr) return Bad(element, "sources are written as [[source]]");
    Source source;
    for (const auto& [key, node] : *table) TRY(ReadMember(key.str(), node, source));
    ReportUnreadKeys(*table, file, "[[source]]",
                     {{"id"}, {"title"}, {"publisher"}, {"url"}, {"published"}, {"reliability"}, {"credibility"}, {"origin"}, {"derived_from"}, {"inspectable"}},
                     unread);
    for (std::string_view required : {"id", "title", "reliability", "credibility"})
      if (!table->contains(required))
        return Bad(element, fmt::format("[[source]] \"{}\" has no {}", source.id, required));
    sources.push_back(std::move(source));
  }
  for (Diagnostic& d : unread.Take()) diagnostics.push_back(std::move(d));
  std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.id < b.id; });
  const auto twice =
      std::adjacent_find(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.id == b.id; });
  if (twice != sources.end())
    return Fail(ErrorCode::kInvalidInput, fmt::format("source \"{}\" is declared twice", twice->id));
  return sources;
}

}  // namespace ascribe
