#include "code/literal_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "base/text.h"
#include "binary/text_runs.h"
#include "disasm/call_texts.h"
#include "ingest/program_texts.h"

namespace ascribe {
namespace {

struct Named {
  NamingCall call;
  EntityType type;
};
// Parameters of the Windows API (Microsoft's documentation of each function).
constexpr std::array<Named, 9> kNamed = {{{{"CreateMutex", 3}, EntityType::kMutex},
                                          {{"CreateMutexEx", 2}, EntityType::kMutex},
                                          {{"OpenMutex", 3}, EntityType::kMutex},
                                          {{"CreateNamedPipe", 1}, EntityType::kPipe},
                                          {{"CallNamedPipe", 1}, EntityType::kPipe},
                                          {{"WaitNamedPipe", 1}, EntityType::kPipe},
                                          {{"CreateService", 2}, EntityType::kService},
                                          {{"OpenService", 2}, EntityType::kService},
                                          {{"GetServiceKeyName", 2}, EntityType::kService}}};

}  // namespace

Reading LiteralFacts(const SampleCode& sample, std::vector<BinaryRange>* pieces) {
  Reading reading;
  if (!sample.unavailable.empty()) return reading;
  std::vector<NamingCall> calls;
  for (const Named& named : kNamed) calls.push_back(named.call);
  const SpokenTexts spoken = FindSpokenTexts(sample.executable, calls);
  std::set<Entity> made;
  std::size_t indicators = 0;
  const auto add = [&](EntityType type, const std::string& text, std::uint64_t address, std::uint64_t length, std::string note) {
    Result<Entity> object = MakeEntity(type, text);
    const auto offset = sample.executable.OffsetOf(address);
    // A format is filled in while the program runs; the name is not known then.
    if (!object || !offset || !sample.executable.file.Contains(*offset, length) || (type != EntityType::kString && text.find('%') != std::string::npos)) return;
    if (!made.insert(*object).second) return;
    Fact fact;
    fact.subject = {EntityType::kSample, sample.sha256};
    fact.relation = Relation::kContains;
    fact.object = std::move(*object);
    fact.verification = Verification::kMeasured;
    fact.evidence = sample.sha256;
    fact.extractor = std::string(kCodeLiteralsExtractor);
    fact.locator = {Locator::Kind::kByteRange, *offset, length, {}};
    fact.note = std::move(note);
    reading.facts.push_back(std::move(fact));
  };
  for (const CallText& text : spoken.calls)
    add(kNamed[text.naming].type, text.text, text.address, text.bytes,
        fmt::format("given to {} at 0x{:x}, at address 0x{:x}", kNamed[text.naming].call.function, text.call, text.address));
  for (const StackText& text : spoken.on_stack) {
    const std::string note = fmt::format("put together on the stack by the function at 0x{:x}", text.function);
    add(EntityType::kString, text.text, text.function, text.end - text.function, note);
    for (const ProgramIndicator& found : FindProgramIndicators(text.text))
      if (indicators++ < kMaxProgramIndicators) add(found.type, found.value, text.function, text.end - text.function, note);
  }
  if (indicators > kMaxProgramIndicators)
    reading.diagnostics.push_back({Diagnostic::Severity::kInfo, sample.sha256, {}, "limit-program-indicators",
                                   fmt::format("more than {} hosts, addresses and names are put together on the stack, the rest is left out", kMaxProgramIndicators)});
  if (pieces != nullptr)
    for (const CopiedConstant& constant : spoken.constants)
      if (const auto offset = sample.executable.OffsetOf(constant.address)) pieces->push_back({*offset, constant.bytes});
  if (spoken.calls.size() >= kMaxSpokenTexts || spoken.on_stack.size() >= kMaxSpokenTexts)
    reading.diagnostics.push_back({Diagnostic::Severity::kInfo, sample.sha256, {}, "limit-spoken-texts",
                                   fmt::format("more than {} names or stack texts in the code, the rest is left out", kMaxSpokenTexts)});
  if (spoken.constants_cut)
    reading.diagnostics.push_back({Diagnostic::Severity::kInfo, sample.sha256, {}, "limit-copied-constants",
                                   fmt::format("more than {} constants are copied to the stack (limit kMaxCopiedConstants): pieces of texts in the rest stand as texts of their own",
                                               kMaxCopiedConstants)});
  if (const std::string skipped = SkippedTables(sample); !skipped.empty())
    reading.diagnostics.push_back({Diagnostic::Severity::kWarning, sample.sha256, {}, "limit-code-tables", skipped});
  std::sort(reading.facts.begin(), reading.facts.end(), FactLess);
  return reading;
}

void DropJoinedPieces(const std::vector<BinaryRange>& pieces, const Reading& literals, std::vector<Fact>& facts) {
  if (pieces.empty()) return;
  std::vector<BinaryRange> sorted = pieces;
  std::sort(sorted.begin(), sorted.end(), [](const BinaryRange& a, const BinaryRange& b) { return std::tie(a.offset, a.size) < std::tie(b.offset, b.size); });
  std::erase_if(facts, [&](const Fact& fact) {
    const bool text = fact.object.type != EntityType::kText && fact.relation == Relation::kContains && fact.locator.kind == Locator::Kind::kByteRange &&
                      fact.extractor != kCodeLiteralsExtractor;
    if (!text || fact.locator.length > kMaxTextRun * 2) return false;
    const std::uint64_t begin = fact.locator.offset, end = begin + fact.locator.length;
    // A piece that begins inside, behind the first byte, with another one before it.
    auto piece = std::upper_bound(sorted.begin(), sorted.end(), begin, [](std::uint64_t at, const BinaryRange& r) { return at < r.offset; });
    if (piece == sorted.end() || piece->offset >= end || piece == sorted.begin()) return false;
    const BinaryRange& before = *std::prev(piece);
    if (before.offset + before.size <= begin) return false;
    return std::none_of(literals.facts.begin(), literals.facts.end(), [&](const Fact& built) {
      return built.object.type == EntityType::kString && AsciiLower(built.object.value).find(AsciiLower(fact.object.value)) != std::string::npos;
    });
  });
}

}  // namespace ascribe
