#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ascribe {

/// Lists of facts as the report page holds them (docs/formats/page.md): places among its rows in ascending order, each as
/// the step from the one before, then the ids of facts that the page does not hold. A tenth of the room of ids.
class FactLists {
 public:
  /// `rows`: the rows of the page, each beginning with the id of its fact.
  explicit FactLists(const nlohmann::ordered_json& rows);

  [[nodiscard]] nlohmann::ordered_json Steps(const std::vector<std::string>& ids) const;
  /// Place of the list in Take(): a hundred steps of a plan rest on a dozen different lists.
  [[nodiscard]] std::size_t Place(const std::vector<std::string>& ids);
  [[nodiscard]] nlohmann::ordered_json Take();

 private:
  std::unordered_map<std::string, std::size_t> rows_;
  std::map<std::string, std::size_t> places_;  ///< text of a list -> its place
};

}  // namespace ascribe
