#include "backtest/knowledge_state.h"

#include <algorithm>
#include <cmath>

namespace ascribe::backtest {

void NameCounts::Add(const std::vector<std::uint32_t>& pieces) {
  ++names;
  for (const std::uint32_t piece : pieces) ++with_piece[piece];
}

double NameCounts::WithPiece(std::uint32_t piece) const {
  const auto at = with_piece.find(piece);
  return at == with_piece.end() ? 0 : at->second;
}

void KnowledgeState::Add(const std::string& actor, const Items& items, Date known_day) {
  KnownReport report;
  report.items = &items;
  report.day = known_day;
  const auto number = static_cast<std::uint32_t>(reports_.size());
  if (!actor.empty()) {
    const auto [at, is_new] = index_.try_emplace(actor, static_cast<std::uint32_t>(actors_.size()));
    if (is_new) actors_.emplace_back().name = actor;
    report.actor = at->second;
    actors_[report.actor].reports.push_back(number);
  }
  for (std::size_t i = 0; i < items.of[kDomain].size(); ++i) {
    const std::uint32_t domain = items.of[kDomain][i];
    if (Find(kDomain, domain) == nullptr) names_.Add(items.name_pieces[i]);
    if (!actor.empty() && actors_[report.actor].counts[kDomain].count(domain) == 0)
      actors_[report.actor].names.Add(items.name_pieces[i]);
  }
  for (std::size_t facet = 0; facet < kFacets; ++facet) {
    if (items.of[facet].empty()) continue;
    ++reports_with_[facet];
    if (!actor.empty()) ++actors_[report.actor].reports_with[facet];
    for (const std::uint32_t item : items.of[facet]) {
      Holders& holders = holders_[facet][item];
      holders.reports.push_back(number);
      if (actor.empty()) {
        holders.in_background = true;
      } else if (++actors_[report.actor].counts[facet][item] == 1) {
        holders.actors.push_back(report.actor);
      }
    }
  }
  reports_.push_back(report);
}

const Holders* KnowledgeState::Find(Facet facet, std::uint32_t item) const {
  const auto at = holders_[facet].find(item);
  return at == holders_[facet].end() ? nullptr : &at->second;
}

double KnowledgeState::Rarity(Facet facet, std::uint32_t item) const {
  const Holders* holders = Find(facet, item);
  const std::size_t count = holders == nullptr ? 1 : std::max<std::size_t>(1, holders->count());
  return std::log(static_cast<double>(actors_.size() + 1) / static_cast<double>(count));
}

std::uint32_t KnowledgeState::IndexOf(const std::string& actor) const {
  const auto at = index_.find(actor);
  return at == index_.end() ? kBackground : at->second;
}

}  // namespace ascribe::backtest
