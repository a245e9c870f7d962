#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "backtest/facets.h"

namespace ascribe::backtest {

inline constexpr std::uint32_t kBackground = 0xFFFFFFFFu;  ///< "actor" of unlabelled reports

/// A report as knowledge.
struct KnownReport {
  const Items* items = nullptr;
  std::uint32_t actor = kBackground;
  Date day;  ///< known from
};

/// Who holds an item, by now.
struct Holders {
  std::vector<std::uint32_t> reports;  ///< all reports with it, in the order they became known
  std::vector<std::uint32_t> actors;   ///< distinct labelled holders, in the order of first sight
  bool in_background = false;
  /// k of the rarity weight: actors that hold it, plus one when it occurs in the background.
  [[nodiscard]] std::size_t count() const { return actors.size() + (in_background ? 1 : 0); }
};

/// Distinct registered names, and in how many of them each piece occurs.
struct NameCounts {
  double names = 0;
  std::unordered_map<std::uint32_t, double> with_piece;
  void Add(const std::vector<std::uint32_t>& pieces);
  [[nodiscard]] double WithPiece(std::uint32_t piece) const;
};

struct ActorState {
  std::string name;
  NameCounts names;
  std::array<std::size_t, kFacets> reports_with{};  ///< labelled reports that have the facet at all
  std::vector<std::uint32_t> reports;               ///< labelled reports, in the order they became known
  std::array<std::unordered_map<std::uint32_t, std::uint32_t>, kFacets> counts;  ///< reports of the actor per item
};

/// What is known at one moment of the replay; grows only.
class KnowledgeState {
 public:
  /// `actor` empty: background. `items` must outlive the state.
  void Add(const std::string& actor, const Items& items, Date known_day);

  [[nodiscard]] const std::vector<ActorState>& actors() const { return actors_; }
  [[nodiscard]] const std::vector<KnownReport>& reports() const { return reports_; }
  /// Null when nobody holds it.
  [[nodiscard]] const Holders* Find(Facet facet, std::uint32_t item) const;
  /// ln((A + 1) / k), k at least 1: the surprise of meeting the item, in nats.
  [[nodiscard]] double Rarity(Facet facet, std::uint32_t item) const;
  /// Reports, labelled or not, that have the facet at all.
  [[nodiscard]] std::size_t ReportsWith(Facet facet) const { return reports_with_[facet]; }
  /// Names registered by anybody, labelled or not.
  [[nodiscard]] const NameCounts& names() const { return names_; }
  /// Index of an actor, or kBackground.
  [[nodiscard]] std::uint32_t IndexOf(const std::string& actor) const;

 private:
  std::vector<KnownReport> reports_;
  std::array<std::size_t, kFacets> reports_with_{};
  std::vector<ActorState> actors_;
  NameCounts names_;
  std::map<std::string, std::uint32_t> index_;
  std::array<std::unordered_map<std::uint32_t, Holders>, kFacets> holders_;
};

}  // namespace ascribe::backtest
