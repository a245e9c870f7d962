#include "ingest/ndjson_facts.h"

#include "base/json.h"
#include "base/text.h"
#include "ingest/reader.h"

namespace ascribe {

int SniffNdjsonFacts(ByteView head, std::string_view name) {
  const std::string lower = AsciiLower(name);
  const bool named = lower.ends_with(".ndjson") || lower.ends_with(".jsonl");
  const std::string_view text = Trim(SkipByteOrderMark(head.text()));
  if (text.empty()) return named ? 50 : 0;
  // Other formats use the same endings: a foreign file is taken only when nobody else wants it.
  const int by_name = named ? 5 : 0;
  if (text.front() != '{') return by_name;
  const std::string_view first = Trim(text.substr(0, text.find('\n')));
  if (first.size() <= kMaxFactLine) {
    if (const auto document = JsonDocument::Parse(ByteView(first))) {
      const bool fact =
          !JsonText(document->root(), "relation").empty() && !JsonText(document->root(), "object").empty();
      if (fact || JsonText(document->root(), "schema") == "ascribe-fact/1") return 90;
      // Not a fact, but the only mistake in a hand-written file may be in its first line.
      return named && text.find("\"relation\"") != std::string_view::npos ? 40 : by_name;
    }
  }
  // Cut off or broken: the words of the format are what is left to go by.
  if (first.find("\"ascribe-fact/1\"") != std::string_view::npos) return 85;
  const bool words =
      text.find("\"relation\"") != std::string_view::npos && text.find("\"object\"") != std::string_view::npos;
  if (words) return named ? 60 : 20;
  return by_name;
}

Reading ReadNdjsonFacts(ByteView bytes, std::string_view /*name*/) { return ReadFactLines(bytes, kMaxFactsPerFile); }

}  // namespace ascribe
