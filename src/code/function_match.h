#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "code/function_views.h"

namespace ascribe {

/// A function of one of several programs.
struct FunctionPlaceIn {
  std::uint32_t program = 0;
  std::uint32_t function = 0;
  friend bool operator==(FunctionPlaceIn, FunctionPlaceIn) = default;
};

struct FunctionCandidate {
  FunctionPlaceIn place;
  double score = 0;                              ///< weighted sum; no upper bound that means anything, 0 = nothing shared
  std::array<float, kFunctionViews> by_view{};   ///< cosine of rarity-weighted features x confidence, 0 to 1
};

/// All functions of some programs, to be asked which are most like a given one. Rarity is counted over these functions,
/// without the one that asks. Thread-safe once made. The programs must outlive it.
class FunctionCorpus {
 public:
  explicit FunctionCorpus(std::span<const Program* const> programs);

  /// The best `top`, by score, ties by program and function. `pool` (ids from IdOf, may be null) limits who competes, not
  /// how rarity is counted. `self`: the asking function's id when it is one of the corpus; it is never a candidate.
  [[nodiscard]] std::vector<FunctionCandidate> Rank(const ViewKeys& query, const CodeFunction& function, std::size_t top,
                                                    const std::vector<std::uint32_t>* pool = nullptr,
                                                    std::optional<std::uint32_t> self = std::nullopt) const;
  [[nodiscard]] std::uint32_t IdOf(FunctionPlaceIn place) const { return first_[place.program] + place.function; }
  [[nodiscard]] std::size_t size() const { return places_.size(); }

 private:
  struct Postings {
    std::vector<std::uint64_t> keys;   // ascending
    std::vector<std::uint32_t> first;  // keys + 1, into `holders`
    std::vector<std::uint32_t> holders;
    std::vector<float> mass;           // by function: sum of the rarities of its keys
  };
  [[nodiscard]] double Rarity(std::size_t holders) const;

  std::vector<const Program*> programs_;
  std::vector<std::uint32_t> first_;
  std::vector<FunctionPlaceIn> places_;
  std::array<Postings, kFunctionViews> views_;
  std::size_t common_ = 0;  // keys that more functions hold are left out
};

}  // namespace ascribe
