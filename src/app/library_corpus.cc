#include "app/library_corpus.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace ascribe {
namespace {

using backtest::Report;

// Follows same-as from id to id; a few steps, since hostile packs may go round in circles.
std::string Canonical(const std::map<std::string, std::string>& same, std::string id) {
  for (int step = 0; step < 8; ++step) {
    const auto next = same.find(id);
    if (next == same.end()) break;
    id = next->second;
  }
  return id;
}

std::vector<std::string>* ListFor(Report& report, EntityType type) {
  switch (type) {
    case EntityType::kFileMd5:
    case EntityType::kFileSha1:
    case EntityType::kFileSha256:
      return &report.hashes;
    case EntityType::kIpv4:
      return &report.ips;
    case EntityType::kDomain:
      return &report.domains;
    case EntityType::kUrl:
      return &report.urls;
    case EntityType::kEmail:
      return &report.emails;
    case EntityType::kMalware:
    case EntityType::kTool:
      return &report.families;
    case EntityType::kTechnique:
      return &report.techniques;
    default:
      return nullptr;
  }
}

struct Judged {
  double confidence = -1;
  std::string actor;
};

void Settle(std::vector<std::string>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace

backtest::Corpus CorpusFromKnowledge(const std::vector<Batch>& batches) {
  std::map<std::string, std::string> same;
  for (const Batch& batch : batches)
    for (const Fact& fact : batch.facts)
      if (fact.relation == Relation::kSameAs && !fact.retracted_on) same.emplace(fact.subject.ToString(), fact.object.ToString());
  std::map<std::string, Judged> actors;
  std::map<std::string, std::map<Date, Report>> by_attack;
  for (const Batch& batch : batches) {
    for (const Fact& fact : batch.facts) {
      if (fact.subject.type != EntityType::kAttack || fact.retracted_on) continue;
      const std::string attack = fact.subject.value;
      if (fact.relation == Relation::kAttributedTo && fact.object.type == EntityType::kActor) {
        const std::string actor = Canonical(same, fact.object.ToString()).substr(6);  // without "actor:"
        const double confidence = fact.confidence.value_or(1);
        Judged& judged = actors[attack];
        if (confidence > judged.confidence || (confidence == judged.confidence && actor < judged.actor)) judged = {confidence, actor};
        continue;
      }
      if (!IsObservation(fact.relation) || !fact.known_on) continue;
      const Date day = fact.known_on->LastDay();
      Report& report = by_attack[attack][day];
      if (std::vector<std::string>* list = ListFor(report, fact.object.type)) {
        std::string value = fact.object.value;
        if (fact.object.type == EntityType::kMalware) value = Canonical(same, fact.object.ToString()).substr(8);  // without "malware:"
        if (fact.object.type == EntityType::kUrl)
          if (const std::size_t scheme = value.find("://"); scheme != std::string::npos) value.erase(0, scheme + 3);
        list->push_back(std::move(value));
      }
    }
  }
  backtest::Corpus corpus;
  for (auto& [attack, days] : by_attack) {
    std::string first;
    for (auto& [day, report] : days) {
      bool any = false;
      for (auto* list : {&report.hashes, &report.ips, &report.domains, &report.urls, &report.emails, &report.families, &report.techniques}) {
        Settle(*list);
        any = any || !list->empty();
      }
      if (!any) continue;
      report.id = first.empty() ? attack : attack + "@" + day.ToString();
      report.rereport_of = first;
      report.date = day;
      report.source = "library";
      if (const auto judged = actors.find(attack); judged != actors.end()) report.actor = judged->second.actor;
      if (first.empty()) first = report.id;
      corpus.reports.push_back(std::move(report));
    }
  }
  std::sort(corpus.reports.begin(), corpus.reports.end(),
            [](const Report& a, const Report& b) { return a.date != b.date ? a.date < b.date : a.id < b.id; });
  return corpus;
}

std::string CorpusToJsonl(const backtest::Corpus& corpus) {
  using nlohmann::ordered_json;
  std::string out;
  for (const Report& r : corpus.reports) {
    ordered_json line = {{"id", r.id}, {"date", r.date.ToString()}, {"source", r.source}};
    if (!r.actor.empty()) line["actor"] = r.actor;
    if (!r.rereport_of.empty()) line["rereport_of"] = r.rereport_of;
    ordered_json ioc = ordered_json::object();
    for (const std::string& hash : r.hashes) ioc[hash.size() == 32 ? "md5" : hash.size() == 40 ? "sha1" : "sha256"].push_back(hash);
    for (const auto& [name, list] : {std::pair{"ip", &r.ips}, {"domain", &r.domains}, {"url", &r.urls}, {"email", &r.emails}})
      if (!list->empty()) ioc[name] = *list;
    if (!ioc.empty()) line["ioc"] = ioc;
    if (!r.families.empty()) line["families"] = r.families;
    if (!r.techniques.empty()) line["attack"] = r.techniques;
    out += line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  }
  return out;
}

}  // namespace ascribe
