#include "store/ledger_digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <iterator>

#include "base/sha256.h"

namespace ascribe {
namespace {

// Every value with its length in front, so that no two contents have the same text. Hashed in pieces: whenever a
// mebibyte has come together it is replaced by its digest.
class ContentHash {
 public:
  void Text(std::string_view text) {
    fmt::format_to(std::back_inserter(buffer_), "{}:{}\n", text.size(), text);
    if (buffer_.size() >= kPiece) buffer_ = Sha256Hex(ByteView(buffer_));
  }
  void Number(std::uint64_t number) { fmt::format_to(std::back_inserter(buffer_), "{}\n", number); }
  void Moment(const std::optional<Time>& time) {
    if (time) {
      fmt::format_to(std::back_inserter(buffer_), "{}/{}\n", time->seconds, static_cast<int>(time->precision));
    } else {
      buffer_ += "-\n";
    }
  }
  void Real(const std::optional<double>& number) {
    if (number) {
      Number(std::bit_cast<std::uint64_t>(*number + 0.0));  // -0 and 0 are one number
    } else {
      buffer_ += "-\n";
    }
  }
  void Place(const Locator& locator) {
    Number(static_cast<std::uint64_t>(locator.kind));
    Number(locator.offset);
    Number(locator.length);
    Text(locator.path);
  }
  std::string Finish() { return Sha256Hex(ByteView(buffer_)); }

 private:
  static constexpr std::size_t kPiece = std::size_t{1} << 20;
  std::string buffer_;
};

void Add(ContentHash& hash, const Evidence& e) {
  hash.Text(e.sha256);
  hash.Text(e.name);
  hash.Number(e.size);
  hash.Text(e.media);
  hash.Text(e.parent);
  hash.Text(e.source);
  hash.Text(TlpName(e.tlp));
  hash.Moment(e.acquired_at);
  hash.Moment(e.known_on);
  hash.Text(e.reader);
}

void Add(ContentHash& hash, const Source& s) {
  hash.Text(s.id);
  hash.Text(s.title);
  hash.Text(s.publisher);
  hash.Text(s.url);
  hash.Moment(s.published);
  hash.Text(std::string_view(&s.grade.reliability, 1));
  hash.Number(s.grade.credibility);
  hash.Text(s.origin);
  hash.Text(s.derived_from);
  hash.Number(s.inspectable ? 1 : 0);
}

void Add(ContentHash& hash, const Fact& f) {
  hash.Text(EntityTypeName(f.subject.type));
  hash.Text(f.subject.value);
  hash.Text(RelationName(f.relation));
  hash.Text(EntityTypeName(f.object.type));
  hash.Text(f.object.value);
  hash.Moment(f.valid_from);
  hash.Moment(f.valid_to);
  hash.Moment(f.known_on);
  hash.Moment(f.retracted_on);
  hash.Text(f.source);
  hash.Text(f.origin);
  hash.Text(VerificationName(f.verification));
  hash.Text(StatementKindName(f.statement));
  hash.Number(f.inspectable ? 1 : 0);
  hash.Real(f.confidence);
  hash.Text(f.note);
  hash.Text(f.evidence);
  hash.Text(f.extractor);
  hash.Place(f.locator);
}

void Add(ContentHash& hash, const Diagnostic& d) {
  hash.Number(static_cast<std::uint64_t>(d.severity));
  hash.Text(d.evidence);
  hash.Text(d.code);
  hash.Text(d.text);
  hash.Place(d.locator);
}

}  // namespace

std::vector<const Fact*> SortedFacts(const Batch& batch) {
  std::vector<const Fact*> facts;
  facts.reserve(batch.facts.size());
  for (const Fact& fact : batch.facts) facts.push_back(&fact);
  const auto less = [](const Fact* a, const Fact* b) { return FactLess(*a, *b); };
  if (!std::is_sorted(facts.begin(), facts.end(), less)) std::sort(facts.begin(), facts.end(), less);
  return facts;
}

std::string BatchDigest(const Batch& batch, std::span<const Fact* const> facts) {
  ContentHash hash;
  hash.Text("ascribe-batch/1");
  hash.Number(static_cast<std::uint64_t>(batch.kind));
  for (const std::string* text : {&batch.key, &batch.id, &batch.version, &batch.title}) hash.Text(*text);
  hash.Number(batch.evidence.size());
  for (const Evidence& evidence : batch.evidence) Add(hash, evidence);
  hash.Number(batch.sources.size());
  for (const Source& source : batch.sources) Add(hash, source);
  hash.Number(facts.size());
  for (const Fact* fact : facts) Add(hash, *fact);
  hash.Number(batch.diagnostics.size());
  for (const Diagnostic& diagnostic : batch.diagnostics) Add(hash, diagnostic);
  return hash.Finish();
}

}  // namespace ascribe
