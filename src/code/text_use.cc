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

// A function that refers to texts.
struct User {
  std::vector<std::uint64_t> deeds;  // what it does, without the values it does it with; ascending
  std::vector<std::uint64_t> texts;  // all that it refers to, ascending
};

User UserOf(const index::FunctionSignature& function) {
  User user;
  for (std::uint64_t key : function.features) {
    const auto channel = static_cast<CodeChannel>(ChannelOf(key));
    if (channel == CodeChannel::kGram || channel == CodeChannel::kBlock || channel == CodeChannel::kImport)
      user.deeds.push_back(key);
    else if (channel == CodeChannel::kText)
      user.texts.push_back(key);
  }
  std::sort(user.deeds.begin(), user.deeds.end());
  std::sort(user.texts.begin(), user.texts.end());
  return user;
}

struct Users {
  std::vector<User> users;                                    // by function
  std::map<std::uint64_t, std::vector<std::size_t>> of_text;  // into `users`
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
      if (std::exchange(fresh, false)) users.users.push_back(UserOf(f));
      of.push_back(users.users.size() - 1);
    }
  }
  return users;
}

// At least `fewest` in common, and this share of all that either has.
bool Alike(const std::vector<std::uint64_t>& x, const std::vector<std::uint64_t>& y, double share, std::size_t fewest) {
  const std::size_t less = std::min(x.size(), y.size()), more = std::max(x.size(), y.size());
  if (less < fewest || static_cast<double>(less) < share * static_cast<double>(more)) return false;  // cannot reach it
  std::vector<std::uint64_t> both;
  std::set_intersection(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(both));
  return both.size() >= fewest &&
         static_cast<double>(both.size()) >= share * static_cast<double>(x.size() + y.size() - both.size());
}

// Another compiler makes other code of a function and leaves it its texts.
bool Alike(const User& x, const User& y) {
  return Alike(x.deeds, y.deeds, kUsersAlike, 1) || Alike(x.texts, y.texts, kSameTexts, kLeastSameTexts);
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
        if (fresh) known->second = Alike(theirs.users[a], ours.users[b]);
        in_place = in_place || known->second;
      }
    use.in_place += in_place;
  }
  return use;
}

}  // namespace ascribe
