#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "base/sha256.h"
#include "store/batch.h"

namespace ascribe {

/// Batches for tests: the same number gives the same batch on any machine, and every field takes every kind of value,
/// bytes that are no text among them. Facts are not sorted.
class BatchGenerator {
 public:
  explicit BatchGenerator(std::uint64_t seed) : state_(seed * 2 + 1) {}

  Batch Make(std::size_t facts, Batch::Kind kind = Batch::Kind::kEvidence) {
    Batch batch;
    batch.kind = kind;
    const std::string sha256 = Sha256Hex(ByteView(std::to_string(Next())));
    batch.id = kind == Batch::Kind::kEvidence ? sha256 : "pack-" + std::to_string(Below(1000));
    batch.version = "facts-ndjson@1";
    batch.key = kind == Batch::Kind::kEvidence ? sha256 + "/" + batch.version : sha256;
    batch.title = Words();
    batch.evidence.push_back({sha256, "evidence/" + Words(), Next(), "facts-ndjson", Words(), Words(),
                              static_cast<Tlp>(Below(5)), Moment(), Moment(), "facts-ndjson@1"});
    for (std::size_t i = 0; i < 3; ++i)
      batch.sources.push_back({fmt::format("source-{}", i),
                               Words(),
                               Words(),
                               Words(),
                               Moment(),
                               {static_cast<char>('A' + Below(6)), static_cast<std::uint8_t>(1 + Below(6))},
                               Words(),
                               Words(),
                               Below(2) == 0});
    batch.facts.reserve(facts);
    for (std::size_t i = 0; i < facts; ++i) batch.facts.push_back(MakeFact(sha256, i));
    for (std::size_t i = 0; i < 3; ++i)
      batch.diagnostics.push_back({static_cast<Diagnostic::Severity>(Below(3)), sha256, Place(i), Words(), Words()});
    return batch;
  }

 private:
  std::uint64_t Next() {  // SplitMix64 (Steele, Lea, Flood 2014)
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  std::uint64_t Below(std::uint64_t limit) { return Next() % limit; }

  std::string Words() {
    switch (Below(6)) {
      case 0:
        return "";
      case 1:
        return std::string("nul\0inside", 10);
      case 2:
        return "no text \xFF\xC3";
      case 3:
        return "line\nbreak 'quote' \"; DROP TABLE batch; --";
      default:
        return fmt::format("wörter {}", Below(1000));
    }
  }
  std::optional<Time> Moment() {
    if (Below(3) == 0) return std::nullopt;
    return Time{static_cast<std::int64_t>(Below(4'000'000'000u)) - 1'000'000'000,
                static_cast<Time::Precision>(Below(4))};
  }
  Locator Place(std::size_t i) {
    const auto kind = static_cast<Locator::Kind>(Below(6));
    return {kind, Below(10) == 0 ? ~std::uint64_t{0} : i, Below(100),
            Below(2) == 0 ? "" : fmt::format("/objects/{}", i)};
  }
  Entity Thing(std::size_t i) {
    const auto type = static_cast<EntityType>(Below(kEntityTypeCount));
    return {type, Below(4) == 0 ? Words() : fmt::format("value-{}-{}", i, Below(100))};
  }
  Fact MakeFact(const std::string& sha256, std::size_t i) {
    Fact fact;
    fact.subject = Thing(i % 100);
    fact.relation = static_cast<Relation>(Below(kRelationCount));
    fact.object = Thing(i);
    fact.valid_from = Moment();
    fact.valid_to = Moment();
    fact.known_on = Moment();
    fact.retracted_on = Moment();
    fact.source = fmt::format("source-{}", Below(3));
    fact.origin = Words();
    fact.verification = static_cast<Verification>(Below(3));
    fact.statement = static_cast<StatementKind>(Below(8));
    fact.inspectable = Below(2) == 0;
    if (Below(2) == 0) fact.confidence = static_cast<double>(Below(1000)) / 999.0;
    fact.note = Words();
    fact.evidence = sha256;
    fact.locator = Place(i);
    fact.extractor = "facts-ndjson@1";
    return fact;
  }

  std::uint64_t state_;
};

}  // namespace ascribe
