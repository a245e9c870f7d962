#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/feature_key.h"
#include "base/hash64.h"
#include "base/io.h"
#include "base/sha256.h"
#include "code/sample_code.h"
#include "code/stored_sample.h"

namespace ascribe::bench {

/// A world of any size whose features are those of real programs. Copy 0 is the programs of a list as they are. In every
/// further copy the families have other names, and each feature that few families hold becomes another key, the same
/// one wherever it stands in that copy: so many features a function, so many functions a sample, shared by so many as
/// in the real programs. What more than `kOwn` families hold is code that everybody has and keeps its key in all copies:
/// its lists grow with the world.
class CodeWorld {
 public:
  /// From here on a feature has no weight in a match (kCommonFamilies of code/file_match.cc).
  static constexpr std::uint32_t kOwn = 12;

  /// Reads programs until they have `functions` together. The list has lines FAMILY TAB PATH. What is no program, packed,
  /// or the same file again is left out.
  CodeWorld(const std::string& list, std::size_t functions, std::uint32_t own = kOwn) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> holders;  // feature, family
    std::vector<std::string> seen, families;
    std::ifstream in(list);
    for (std::string line; functions_ < functions && std::getline(in, line);) {
      const std::size_t tab = line.find('\t');
      if (tab == std::string::npos) continue;
      auto bytes = ReadFile(line.substr(tab + 1), std::uint64_t{512} << 20);
      if (!bytes) continue;
      const auto code = ReadSampleCode(std::move(*bytes));
      if (!code || !(*code)->unavailable.empty()) continue;
      Real real;
      real.sha256 = (*code)->sha256;
      real.family = line.substr(0, tab);
      if (std::find(seen.begin(), seen.end(), real.sha256) != seen.end()) continue;
      seen.push_back(real.sha256);
      auto family = static_cast<std::uint32_t>(std::find(families.begin(), families.end(), real.family) - families.begin());
      if (family == families.size()) families.push_back(real.family);
      for (index::FunctionSignature& f : SignaturesOf((*code)->program)) {
        for (const std::uint64_t key : f.features) holders.emplace_back(key, family);
        features_ += f.features.size();
        real.functions.push_back({f.address, std::move(f.features), 0});
      }
      functions_ += real.functions.size();
      real_.push_back(std::move(real));
      if (holders.size() > (std::size_t{1} << 26)) Unite(holders);
    }
    families_ = families.size();
    Unite(holders);
    std::vector<std::uint64_t> common;
    for (std::size_t i = 0; i < holders.size();) {
      std::size_t end = i;
      while (end < holders.size() && holders[end].first == holders[i].first) ++end;
      if (end - i > own) common.push_back(holders[i].first);
      ++keys_;
      i = end;
    }
    common_ = common.size();
    for (Real& real : real_)
      for (Function& f : real.functions) {
        const auto own_first = std::partition(f.features.begin(), f.features.end(), [&](std::uint64_t key) {
          return std::binary_search(common.begin(), common.end(), key);
        });
        f.common = static_cast<std::size_t>(own_first - f.features.begin());
      }
  }

  [[nodiscard]] std::size_t samples() const { return real_.size(); }
  [[nodiscard]] std::size_t families() const { return families_; }
  [[nodiscard]] std::size_t functions() const { return functions_; }
  [[nodiscard]] std::size_t features() const { return features_; }  ///< function by function
  [[nodiscard]] std::size_t keys() const { return keys_; }          ///< distinct ones
  [[nodiscard]] std::size_t common() const { return common_; }      ///< of them in more families than `own`

  [[nodiscard]] StoredSample Sample(std::size_t number, std::uint32_t copy) const {
    const Real& real = real_[number];
    StoredSample sample;
    sample.meta.sha256 = copy == 0 ? real.sha256 : Sha256Hex(fmt::format("{} copy {}", real.sha256, copy));
    sample.meta.family = copy == 0 ? real.family : fmt::format("{}~{}", real.family, copy);
    for (const Function& f : real.functions) {
      index::FunctionSignature function;
      function.address = f.address;
      function.features = f.features;
      if (copy != 0)
        for (std::size_t i = f.common; i < function.features.size(); ++i) function.features[i] = Other(function.features[i], copy);
      std::sort(function.features.begin(), function.features.end());
      sample.functions.push_back(std::move(function));
    }
    sample.sketch = SketchOf(sample.functions);
    return sample;
  }

 private:
  struct Function {
    std::uint64_t address;
    std::vector<std::uint64_t> features;  // the common ones first
    std::size_t common;
  };
  struct Real {
    std::string sha256, family;
    std::vector<Function> functions;
  };

  static std::uint64_t Other(std::uint64_t key, std::uint32_t copy) { return FeatureKey(ChannelOf(key), Mix(copy, key)); }
  template <typename T>
  static void Unite(std::vector<T>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }

  std::vector<Real> real_;
  std::size_t families_ = 0, functions_ = 0, features_ = 0, keys_ = 0, common_ = 0;
};

}  // namespace ascribe::bench
