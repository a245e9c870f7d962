#include "code/text_use.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace ascribe {
namespace {

using Signatures = std::vector<index::FunctionSignature>;

// A text has the same hash in both channels.
std::uint64_t AsReferred(std::uint64_t key) {
  return key ^ FeatureKey(static_cast<unsigned>(CodeChannel::kData), 0) ^
         FeatureKey(static_cast<unsigned>(CodeChannel::kText), 0);
}

// What a function does, without the values it does it with.
std::vector<std::uint64_t> DeedsOf(const index::FunctionSignature& function) {
  std::vector<std::uint64_t> deeds;
  for (std::uint64_t key : function.features) {
    const auto channel = static_cast<CodeChannel>(ChannelOf(key));
    if (channel == CodeChannel::kGram || channel == CodeChannel::kBlock || channel == CodeChannel::kImport)
      deeds.push_back(key);
  }
  std::sort(deeds.begin(), deeds.end());
  return deeds;
}

struct Users {
  std::vector<std::vector<std::uint64_t>> deeds;              // by function
  std::map<std::uint64_t, std::vector<std::size_t>> of_text;  // into `deeds`
};

Users UsersOf(const Signatures& functions, const std::vector<std::uint64_t>& texts) {
  Users users;
  for (const index::FunctionSignature& f : functions) {
    bool fresh = true;
    for (std::uint64_t key : f.features) {
      if (ChannelOf(key) != static_cast<unsigned>(CodeChannel::kText) ||
          !std::binary_search(texts.begin(), texts.end(), key))
        continue;
      std::vector<std::size_t>& of = users.of_text[key];
      if (of.size() == kMaxUsersCompared) continue;
      if (std::exchange(fresh, false)) users.deeds.push_back(DeedsOf(f));
      of.push_back(users.deeds.size() - 1);
    }
  }
  return users;
}

bool Alike(const std::vector<std::uint64_t>& x, const std::vector<std::uint64_t>& y) {
  const std::size_t less = std::min(x.size(), y.size()), more = std::max(x.size(), y.size());
  if (less == 0 || static_cast<double>(less) < kUsersAlike * static_cast<double>(more))
    return false;  // cannot reach it
  std::vector<std::uint64_t> both;
  std::set_intersection(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(both));
  return static_cast<double>(both.size()) >= kUsersAlike * static_cast<double>(x.size() + y.size() - both.size());
}

}  // namespace

std::string Words(const TextUse& use) {
  if (use.there == 0) return {};
  if (use.here == 0) return fmt::format("of {} that its functions refer to no function here refers to one", use.there);
  return fmt::format(
      "of {} that its functions refer to functions here refer to {}, to {} of them in functions like its own",
      use.there, use.here, use.in_place == 0 ? "none" : std::to_string(use.in_place));
}

TextUse UseOfTexts(const Signatures& here, const Signatures& there, const std::vector<std::uint64_t>& texts) {
  std::vector<std::uint64_t> referred;
  for (std::uint64_t key : texts)
    if (referred.size() < kMaxTextsCompared) referred.push_back(AsReferred(key));
  TextUse use;
  const Users ours = UsersOf(here, referred), theirs = UsersOf(there, referred);
  std::map<std::pair<std::size_t, std::size_t>, bool>
      alike;  // each pair of functions once, however many texts they share
  for (const auto& [text, users] : theirs.of_text) {
    ++use.there;
    const auto at = ours.of_text.find(text);
    if (at == ours.of_text.end()) continue;
    ++use.here;
    bool in_place = false;
    for (std::size_t a : users)
      for (std::size_t b : at->second) {
        const auto [known, fresh] = alike.try_emplace({a, b}, false);
        if (fresh) known->second = Alike(theirs.deeds[a], ours.deeds[b]);
        in_place = in_place || known->second;
      }
    use.in_place += in_place;
  }
  return use;
}

}  // namespace ascribe
