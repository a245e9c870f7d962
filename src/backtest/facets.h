#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "backtest/corpus.h"

namespace ascribe::backtest {

/// Kinds of items that reports can share.
enum Facet : std::size_t {
  kHash,       ///< MD5, SHA-1 or SHA-256 of a file
  kHost,       ///< host name (of a domain list or a URL) or e-mail address
  kDomain,     ///< registered domain; below a public suffix each name counts as registered
  kAddress,    ///< IP address
  kNetwork,    ///< its /24
  kPath,       ///< path of a URL, at least two characters
  kFamily,     ///< malware family or tool by name
  kTechnique,  ///< ATT&CK id
  // How names are chosen, not which: what an actor repeats when it registers anew.
  kNameEnding,  ///< what follows the registered label
  // Families once more, parted: what anybody can download or buy says little about who used it.
  kOwnFamily,   ///< families that are no public tool
  kPublicTool,  ///< families that are one
  kFacets
};

/// Facets up to here are things that can be shared, each once; the rest are habits and parts of them.
inline constexpr std::size_t kSharedFacets = kNameEnding;

/// Which part of a report is used: ATT&CK citations state techniques and software only; maltrail file names are no
/// families.
enum class Track { kCore, kAttack, kMaltrail };
[[nodiscard]] std::string_view TrackName(Track track);

/// Names below which strangers register: dynamic DNS, hosting and blog sites. Lower case, without leading dot.
using PublicSuffixes = std::set<std::string, std::less<>>;

/// Names of software that anybody could get (open, leaked or sold), as ToolName writes them.
using PublicTools = std::set<std::string, std::less<>>;

/// A name of software without spelling: letters and digits, lower case, without a closing "rat" ("Gh0st RAT", "gh0st").
[[nodiscard]] std::string ToolName(std::string_view name);

/// The name that somebody registered: the label below the longest public suffix, else the rule of thumb of
/// ingest/host_names.h. A public suffix itself gives "".
[[nodiscard]] std::string RegisteredName(std::string_view host, const PublicSuffixes& suffixes);

/// "No such item".
inline constexpr std::uint32_t kNoItem = 0xFFFFFFFFu;

/// The items of one report: per facet the numbers of its distinct items, ascending.
struct Items {
  std::array<std::vector<std::uint32_t>, kFacets> of;
  std::vector<std::uint32_t> host_domain;      ///< of each item of of[kHost] its registered domain; kNoItem: none
  std::vector<std::uint32_t> address_network;  ///< of each item of of[kAddress] its /24
  /// Of each item of of[kDomain] the distinct pieces of its label: four letters in a row, the ends marked ("^sec",
  /// "ure$"). Labels above 24 letters have none: they are counters or hashes of a hosting service rather than names.
  std::vector<std::vector<std::uint32_t>> name_pieces;
  [[nodiscard]] bool empty() const;
};

/// Gives every distinct item of a facet a number, in the order of first sight. Not thread-safe.
class ItemTable {
 public:
  ItemTable(Track track, PublicSuffixes suffixes, PublicTools tools = {})
      : track_(track), suffixes_(std::move(suffixes)), tools_(std::move(tools)) {}
  [[nodiscard]] Items Take(const Report& report);
  [[nodiscard]] const std::string& Text(Facet facet, std::uint32_t number) const { return texts_[facet][number]; }
  [[nodiscard]] std::size_t Size(Facet facet) const { return texts_[facet].size(); }

 private:
  std::uint32_t Add(Items& items, Facet facet, std::string text);
  void AddHost(Items& items, std::string_view host);
  std::uint32_t AddName(Items& items, const std::string& name);
  void AddPieces(std::uint32_t domain, std::string_view label);
  Track track_;
  PublicSuffixes suffixes_;
  PublicTools tools_;
  std::unordered_map<std::uint32_t, std::uint32_t> domain_of_host_, network_of_address_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> pieces_of_domain_;
  std::unordered_map<std::string, std::uint32_t> pieces_;
  std::array<std::unordered_map<std::string, std::uint32_t>, kFacets> numbers_;
  std::array<std::vector<std::string>, kFacets> texts_;
};

}  // namespace ascribe::backtest
