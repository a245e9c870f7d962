#include "report/fact_lists.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ascribe {

using Json = nlohmann::ordered_json;

FactLists::FactLists(const Json& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) rows_.emplace(rows[i].at(0).get<std::string>(), i);
}

Json FactLists::Steps(const std::vector<std::string>& ids) const {
  std::vector<std::size_t> held;
  std::vector<std::string> others;
  for (const std::string& id : ids) {
    const auto row = rows_.find(id);
    if (row != rows_.end()) held.push_back(row->second);
    else others.push_back(id);
  }
  std::sort(held.begin(), held.end());
  Json out = Json::array();
  std::size_t before = 0;
  for (const std::size_t place : held) {
    out.push_back(place - before);
    before = place;
  }
  for (std::string& id : others) out.push_back(std::move(id));
  return out;
}

std::size_t FactLists::Place(const std::vector<std::string>& ids) {
  return places_.emplace(Steps(ids).dump(), places_.size()).first->second;
}

Json FactLists::Take() {
  std::vector<Json> lists(places_.size());
  for (const auto& [text, place] : places_) lists[place] = Json::parse(text);
  places_.clear();
  return lists;
}

}  // namespace ascribe
