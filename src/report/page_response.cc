#include "report/page_response.h"

#include <cassert>
#include <nlohmann/json.hpp>

#include "report/response_json.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;

std::size_t PlaceOf(const Backing& backing, FactLists& lists) {
  if (backing.rest.empty()) return lists.Place(backing.facts);
  std::vector<std::string> all = backing.facts;
  all.insert(all.end(), backing.rest.begin(), backing.rest.end());
  return lists.Place(all);
}

template <typename Entry>
void Replace(Json& list, const std::vector<Entry>& entries, FactLists& lists) {
  assert(list.size() == entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Json& backing = list[i]["backing"];
    backing["facts"] = PlaceOf(entries[i].backing, lists);
    if (backing["claims"].empty()) backing.erase("claims");
  }
}

}  // namespace

Json PageResponse(const ResponsePlan& plan, FactLists& lists) {
  Json out = Json::parse(ResponseToJson(plan));
  Replace(out["severity"]["categories"], plan.severity.categories, lists);
  Replace(out["steps"], plan.steps, lists);
  Replace(out["withheld"], plan.withheld, lists);
  Replace(out["block"], plan.block, lists);
  Replace(out["not_blocked"], plan.not_blocked, lists);
  return out;
}

}  // namespace ascribe
