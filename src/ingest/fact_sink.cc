#include "ingest/fact_sink.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "ingest/reader.h"
#include "model/fact_record.h"

namespace ascribe {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

Locator At(std::string pointer) {
  if (pointer.empty()) return {};
  Locator locator;
  locator.kind = Locator::Kind::kJsonPointer;
  locator.path = std::move(pointer);
  return locator;
}

}  // namespace

bool FactSink::Add(Fact fact, std::string pointer) {
  if (reading_.facts.size() >= kMaxFactsPerFile) {
    if (!std::exchange(full_, true))
      Warn("limit-facts", std::move(pointer),
           fmt::format("more than {} facts: the rest was not read", kMaxFactsPerFile));
    return false;
  }
  if (!FitsRelation(fact)) {
    Info("not-in-vocabulary", std::move(pointer),
         fmt::format("{} {} {} is left out", EntityTypeName(fact.subject.type), RelationName(fact.relation),
                     EntityTypeName(fact.object.type)));
    return true;
  }
  fact.locator = At(std::move(pointer));
  fact.extractor = extractor_;
  reading_.facts.push_back(std::move(fact));
  return true;
}

bool FactSink::AddValue(Fact draft, EntityType type, std::string_view raw, std::string pointer) {
  Result<Entity> entity = MakeEntity(type, raw);
  if (!entity) {
    Warn("bad-value", std::move(pointer), entity.error().message);
    return false;
  }
  draft.object = std::move(*entity);
  return Add(std::move(draft), std::move(pointer));
}

void FactSink::Diagnose(Diagnostic::Severity severity, std::string_view code, std::string pointer, std::string text) {
  auto found = per_code_.find(code);
  if (found == per_code_.end()) found = per_code_.emplace(std::string(code), 0).first;
  if (++found->second > kMaxPerCode) return;
  reading_.diagnostics.push_back({severity, "", At(std::move(pointer)), std::string(code), SanitizeUtf8(text)});
}

Reading FactSink::Take() {
  for (const auto& [code, count] : per_code_) {
    if (count <= kMaxPerCode) continue;
    reading_.diagnostics.push_back({Diagnostic::Severity::kWarning,
                                    "",
                                    {},
                                    code,
                                    fmt::format("{} more of this kind are not listed", count - kMaxPerCode)});
  }
  per_code_.clear();
  full_ = false;
  return std::exchange(reading_, {});
}

Relation SeenRelation(EntityType type) {
  const bool inside = type >= EntityType::kString && type <= EntityType::kSigningCert;
  return inside ? Relation::kContains : Relation::kObserved;
}

bool HeadHasMember(std::string_view head, std::string_view key, std::string_view value) {
  const std::string quoted = fmt::format("\"{}\"", key);
  for (std::size_t at = head.find(quoted); at != std::string_view::npos; at = head.find(quoted, at + 1)) {
    std::size_t next = head.find_first_not_of(kSpace, at + quoted.size());
    if (next == std::string_view::npos || head[next] != ':') continue;
    next = head.find_first_not_of(kSpace, next + 1);
    if (next == std::string_view::npos) return false;
    if (value.empty()) return true;
    if (head.substr(next).starts_with(fmt::format("\"{}\"", value))) return true;
  }
  return false;
}

bool LooksLikeJson(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  const std::size_t first = head.find_first_not_of(kSpace);
  return first != std::string_view::npos && (head[first] == '{' || head[first] == '[');
}

}  // namespace ascribe
