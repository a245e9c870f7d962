#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/entity.h"
#include "model/knowledge_import.h"

namespace ascribe {

/// A line of data/tables/attack-objects.tsv. Views into the tables' own text.
struct AttackObject {
  std::string_view id;    ///< G0032, C0022, S0089, T1059.001, M1013, TA0006
  std::string_view kind;  ///< group, campaign, malware, tool, technique, mitigation, tactic
  std::string_view name;
  std::optional<Date> known_on;
  std::string_view first, last;         ///< releases
  std::string_view status;              ///< active, revoked, deprecated: in release `last`
  std::string_view revoked_by;          ///< id, or empty
  std::string_view seen_from, seen_to;  ///< campaigns
};

struct AttackRelation {
  std::string_view source, relation, target;
  std::optional<Date> known_on;
  std::string_view first, last;
};

/// The shipped ATT&CK tables (data/tables/README.md): ids, names, relations and dates of five releases, no
/// descriptions. Immutable after Load; safe to share between threads.
class AttackTables {
 public:
  /// Errors: kNotFound, kIo, kInvalidInput (names file and line).
  static Result<AttackTables> Load(const std::filesystem::path& folder);

  [[nodiscard]] std::span<const AttackObject> objects() const { return objects_; }  ///< by id
  [[nodiscard]] std::span<const AttackRelation> relations() const {
    return relations_;
  }  ///< by source, relation, target
  [[nodiscard]] const AttackObject* Find(std::string_view id) const;
  /// The id that replaces this one in the newest release, following revocations; the id itself when nothing does.
  [[nodiscard]] std::string_view CurrentId(std::string_view id) const;
  /// Tactics of a technique, comma separated ("defense-evasion,persistence"), or "".
  [[nodiscard]] std::string_view TacticsOf(std::string_view technique) const;
  /// Active mitigations of a technique; those of its parent when it has none of its own. Sorted by id.
  [[nodiscard]] std::vector<const AttackObject*> MitigationsOf(std::string_view technique) const;
  [[nodiscard]] std::string_view newest_release() const { return releases_.back().label; }

  /// The tables as knowledge, in the same shape as a release added with `kb add` (model/attack_facts.h), with the same
  /// id: what a user adds replaces it. Only what was known by `as_of`. A relation that is gone from a later release is
  /// retracted on that release's date.
  [[nodiscard]] KnowledgeImport AsFacts(Date as_of) const;

 private:
  struct Release {
    std::string_view label;
    Date date;
  };
  struct Name {
    std::string_view id, name;
    std::optional<Date> known_on;
  };
  AttackTables() = default;
  Status Read(const std::filesystem::path& folder);
  [[nodiscard]] std::optional<Date> Dropped(std::string_view last) const;

  std::vector<std::unique_ptr<std::string>> texts_;  // pointers, so that views survive a move
  std::vector<Release> releases_;
  std::vector<AttackObject> objects_;
  std::vector<AttackRelation> relations_, mitigations_;
  std::vector<Name> names_;
  std::map<std::string_view, std::string_view> tactics_;
};

/// Values that unrelated people share or that anybody can rent: what infrastructure and tools must be checked against
/// before they weigh. Immutable after Load; safe to share between threads.
class Hygiene {
 public:
  /// Reads hygiene-*.tsv, software.tsv and the ATT&CK tools of attack-objects.tsv. Errors as AttackTables::Load.
  static Result<Hygiene> Load(const std::filesystem::path& folder);

  /// The class of an address, range, domain, URL or e-mail (by its host), file hash, malware or tool: the listed value
  /// itself, the longest listed range around it, or the nearest listed parent domain. std::nullopt: not listed.
  [[nodiscard]] std::optional<std::string_view> ClassOf(const Entity& entity) const;

  /// True when the value itself serves many unrelated people at once, so that sharing it links nobody: a CDN address, a
  /// sinkhole, the provider's own domain, a public tool. False when it lies in space that anybody can rent but one
  /// party holds at a time: addresses of clouds and data centres, a name below a dynamic DNS provider. Unlisted: false.
  [[nodiscard]] bool IsShared(const Entity& entity) const;

  /// Since when anybody could have this software, as far as a source says so; "YYYY" counts from the year's end.
  [[nodiscard]] std::optional<Date> PublicSince(const Entity& software) const;
  [[nodiscard]] std::size_t size() const;

 private:
  struct Range {
    std::array<std::uint8_t, 16> first{};  ///< IPv4 as ::ffff:a.b.c.d
    std::uint8_t length = 0;               ///< of the 128-bit form
    std::uint8_t hygiene = 0;
    bool operator<(const Range& o) const { return first != o.first ? first < o.first : length < o.length; }
  };
  struct Value {
    std::string_view text;
    std::uint8_t hygiene = 0;
    bool below = false;  ///< a domain whose subdomains count too
    bool operator<(const Value& o) const { return text < o.text; }
  };
  struct Software {
    std::string name;
    std::uint8_t hygiene = 0;
    std::optional<Date> public_since;
    bool operator<(const Software& o) const { return name < o.name; }
  };
  struct Hit {
    std::uint8_t hygiene = 0;
    bool exact = true;
  };

  Hygiene() = default;
  Status Read(const std::filesystem::path& folder);
  Status ReadRanges(std::string_view text, std::uint8_t hygiene, std::string_view file);
  [[nodiscard]] std::uint8_t ClassIndex(std::string_view name);
  [[nodiscard]] std::optional<Hit> Lookup(const Entity& entity) const;
  [[nodiscard]] std::optional<Hit> LookupRange(std::string_view address) const;
  [[nodiscard]] std::optional<Hit> LookupDomain(std::string_view domain) const;
  [[nodiscard]] const Software* FindSoftware(std::string_view name) const;

  std::vector<std::unique_ptr<std::string>> texts_;
  std::vector<std::string> classes_;
  std::vector<Range> ranges_;
  std::array<bool, 129> lengths_{};  ///< which prefix lengths occur
  std::vector<Value> domains_, hashes_;
  std::vector<Software> software_;
};

}  // namespace ascribe
