#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "index/sample.h"

namespace ascribe::index {

/// Which samples count as one for document frequencies: those of a family, or of a goodware package.
class Groups {
 public:
  void Add(const SampleMeta& meta) {
    std::string name;
    if (!meta.package.empty())
      name = "p" + meta.package;
    else
      name = meta.family.empty() ? "s" + meta.sha256 : "f" + meta.family;
    const auto [at, is_new] = ids_.emplace(std::move(name), static_cast<std::uint32_t>(is_package_.size()));
    if (is_new) is_package_.push_back(!meta.package.empty());
    group_of_.push_back(at->second);
  }
  [[nodiscard]] std::uint32_t of(std::uint32_t sample) const { return group_of_[sample]; }
  [[nodiscard]] bool is_package(std::uint32_t group) const { return is_package_[group]; }
  [[nodiscard]] std::size_t size() const { return is_package_.size(); }

 private:
  std::map<std::string, std::uint32_t> ids_;
  std::vector<std::uint32_t> group_of_;  // by sample
  std::vector<bool> is_package_;         // by group
};

/// Counts the distinct groups of one list of samples after another. Not thread-safe.
class GroupCounter {
 public:
  explicit GroupCounter(const Groups& groups) : groups_(&groups) {}
  void Begin() {
    ++round_;
    df_ = {};
  }
  void Count(std::uint32_t sample) {
    const std::uint32_t group = groups_->of(sample);
    if (seen_.size() < groups_->size()) seen_.resize(groups_->size());
    if (seen_[group] == round_) return;
    seen_[group] = round_;
    ++(groups_->is_package(group) ? df_.packages : df_.families);
  }
  [[nodiscard]] DocumentFrequency df() const { return df_; }

 private:
  const Groups* groups_;
  std::vector<std::uint64_t> seen_;
  std::uint64_t round_ = 0;
  DocumentFrequency df_;
};

}  // namespace ascribe::index
