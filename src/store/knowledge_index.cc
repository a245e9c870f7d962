// Building the view: which facts are usable on the date, and the tables that answer the questions of knowledge.h.

#include <algorithm>
#include <array>
#include <limits>

#include "store/knowledge.h"

namespace ascribe {
namespace {

// Chance that a judgement holds: the confidence its author states, times how far the author is to be trusted.
double JudgementP(const KnownFact& known, const Parameters& parameters) {
  return known.fact.confidence.value_or(1.0) * parameters.Reliability(known.source->grade).value_or(0.0);
}

void AddJudgement(std::vector<Judgement>& list, const std::string& to, double p, const std::string& fact) {
  for (Judgement& j : list) {
    if (j.to != to) continue;
    j.p = std::max(j.p, p);
    j.facts.push_back(fact);
    return;
  }
  list.push_back({to, p, {fact}});
}

// Rival judgements share one certainty: two vendors who disagree do not make two actors guilty.
void Normalise(std::vector<Judgement>& list) {
  std::vector<double> all;
  for (const Judgement& j : list) all.push_back(j.p);
  std::sort(all.begin(), all.end());
  double sum = 0;
  for (double p : all) sum += p;
  for (Judgement& j : list) {
    if (sum > 1) j.p /= sum;
    std::sort(j.facts.begin(), j.facts.end());
  }
  std::sort(list.begin(), list.end(), [](const Judgement& a, const Judgement& b) { return a.to < b.to; });
}

// The name in use: highest confidence, then the earliest publication.
const KnownFact* BestName(const std::vector<const KnownFact*>& names) {
  const KnownFact* best = nullptr;
  for (const KnownFact* name : names) {
    if (best == nullptr) {
      best = name;
      continue;
    }
    const double a = name->fact.confidence.value_or(0.5), b = best->fact.confidence.value_or(0.5);
    if (a > b || (a == b && name->fact.known_on && best->fact.known_on && *name->fact.known_on < *best->fact.known_on))
      best = name;
  }
  return best;
}

// `pack`: its id, with or without "@version".
std::string KeyOfSource(const std::string& pack, const Source& source) {
  return pack.substr(0, pack.find('@')) + "/" + source.id;
}

// entity.ToString() == text, without making it.
bool HasText(const Entity& entity, std::string_view text) {
  const std::string_view type = EntityTypeName(entity.type);
  return text.size() == type.size() + 1 + entity.value.size() && text.starts_with(type) && text[type.size()] == ':' &&
         text.ends_with(entity.value);
}

}  // namespace

Knowledge Knowledge::Build(std::vector<Batch> batches, const Options& options, const Parameters& parameters) {
  Knowledge view;
  std::sort(batches.begin(), batches.end(), [](const Batch& a, const Batch& b) { return a.id < b.id; });
  std::size_t source_count = 0, fact_count = 0;
  for (const Batch& batch : batches) {
    source_count += batch.sources.size() + 1;
    fact_count += batch.facts.size();
  }
  auto stock = std::make_shared<Stock>();
  stock->sources.reserve(source_count);  // KnownFact keeps pointers into it
  std::vector<KnownFact> read;
  read.reserve(fact_count);
  for (Batch& batch : batches) {
    view.packs_.push_back({batch.kind, batch.key, batch.id, batch.version, batch.title, batch.facts.size()});
    const std::size_t first = stock->sources.size();
    for (Source& source : batch.sources) stock->sources.push_back(std::move(source));
    const std::size_t last = stock->sources.size();
    Source unstated;
    unstated.id = "pack:" + batch.id;
    unstated.grade = AdmiraltyGrade{'F', 6};
    stock->sources.push_back(unstated);
    for (std::size_t i = first; i <= last; ++i) stock->source_keys.push_back(KeyOfSource(batch.id, stock->sources[i]));
    std::unordered_map<std::string, const Source*> by_id;
    for (std::size_t i = first; i < last; ++i) by_id.emplace(stock->sources[i].id, &stock->sources[i]);
    const std::string pack = batch.id + "@" + batch.version;
    for (Fact& fact : batch.facts) {
      const auto source = by_id.find(fact.source);
      KnownFact known;
      known.fact = std::move(fact);
      known.source = source == by_id.end() ? &stock->sources[last] : source->second;
      known.pack = pack;
      if (!known.fact.known_on) known.fact.known_on = known.source->published;
      if (!known.fact.known_on) continue;  // no date, no use: it cannot be placed before or after anything
      if (options.as_of && known.fact.known_on->LastDay() > *options.as_of) continue;
      if (known.fact.verification == Verification::kUnverified) continue;
      if (!parameters.Reliability(known.source->grade)) continue;
      known.id = known.fact.Id();
      known.known_by = known.fact.known_on->LastDay();
      read.push_back(std::move(known));
    }
  }
  // FactLess, then the pack; what mostly tells two facts apart is looked at once.
  const auto less = [](const KnownFact* a, const KnownFact* b) {
    if (const auto order = a->fact.subject <=> b->fact.subject; order != 0) return order < 0;
    if (a->fact.relation != b->fact.relation) return a->fact.relation < b->fact.relation;
    if (const auto order = a->fact.object <=> b->fact.object; order != 0) return order < 0;
    return a->fact == b->fact ? a->pack < b->pack : FactLess(a->fact, b->fact);
  };
  std::vector<KnownFact*> ordered;
  ordered.reserve(read.size());
  for (KnownFact& known : read) ordered.push_back(&known);
  std::sort(ordered.begin(), ordered.end(), less);
  stock->facts.reserve(ordered.size());
  for (KnownFact* known : ordered) {
    // A pack may say a thing twice; it is known once.
    if (!stock->facts.empty() && stock->facts.back().pack == known->pack && stock->facts.back().fact == known->fact)
      continue;
    stock->facts.push_back(std::move(*known));
  }
  // Texts are made once: a view only sorts pointers into places.
  stock->by_id.reserve(stock->facts.size());
  stock->keys.reserve(2 * stock->facts.size());
  for (KnownFact& known : stock->facts) {
    const Fact& fact = known.fact;
    stock->by_id.emplace(known.id, &known);
    known.subject_key = stock->KeyOf(SubjectKey(fact.subject, fact.relation));
    // An id that is one of several for somebody may be looked up under any of them.
    const bool alias = fact.object.type == EntityType::kMalware || fact.object.type == EntityType::kActor;
    known.thing_key = stock->KeyOf(alias ? fact.object.ToString() : MatchKey(fact.object));
    if (fact.relation == Relation::kSameAs) stock->KeyOf(fact.subject.ToString());
  }
  view.stock_ = std::move(stock);
  return view.View(options, parameters);
}

std::string Knowledge::SourceKey(const KnownFact& known) { return KeyOfSource(known.pack, *known.source); }

std::map<std::string, std::set<std::string>> Knowledge::SourcesByPublisher() const {
  std::map<const Source*, const KnownFact*> sources;
  for (const KnownFact* known : facts_) sources.emplace(known->source, known);
  std::map<std::string, std::set<std::string>> by_publisher;
  for (const auto& [source, known] : sources) by_publisher[source->publisher].insert(SourceKey(*known));
  return by_publisher;
}

Knowledge Knowledge::View(const Options& options, const Parameters& parameters) const {
  Knowledge view;
  view.options_ = options;
  view.stock_ = stock_;
  view.packs_ = packs_;
  view.facts_.reserve(stock_->facts.size());
  // What holds of a source holds of all its facts.
  std::vector<bool> usable(stock_->sources.size());
  for (std::size_t i = 0; i < usable.size(); ++i) {
    const Source& source = stock_->sources[i];
    usable[i] = parameters.Reliability(source.grade) && options.without_publishers.count(source.publisher) == 0 &&
                options.without_sources.count(stock_->source_keys[i]) == 0;
  }
  for (const KnownFact& known : stock_->facts) {
    if (options.as_of && known.known_by > *options.as_of) continue;
    if (!usable[static_cast<std::size_t>(known.source - stock_->sources.data())]) continue;
    const bool withdrawn = known.fact.retracted_on &&
                           (!options.as_of || known.fact.retracted_on->FirstDay() <= *options.as_of) &&
                           !options.withdrawn && options.restored.count(known.id) == 0;
    (withdrawn ? view.retracted_ : view.facts_).push_back(&known);
  }
  view.Index(parameters);
  return view;
}

Knowledge::Table Knowledge::MakeTable(std::size_t keys, const std::vector<Entry>& entries) {
  Table table;
  table.ends.resize(keys);
  for (const auto& [key, fact] : entries) ++table.ends[key];
  std::uint32_t end = 0;
  // First the beginnings of the rows; filling moves each to its end.
  for (std::uint32_t& row : table.ends) {
    const std::uint32_t length = row;
    row = end;
    end += length;
  }
  table.facts.resize(entries.size());
  for (const auto& [key, fact] : entries) table.facts[table.ends[key]++] = fact;
  return table;
}

void Knowledge::Index(const Parameters& parameters) {
  if (options_.aliases)
    for (const KnownFact* known : facts_)
      if (known->fact.relation == Relation::kSameAs && known->fact.confidence.value_or(1) >= 0.5)
        same_as_.emplace(known->fact.object.ToString(), known->fact.subject.ToString());
  // Places of ids that were equated with another one -> that of the one they stand for.
  std::unordered_map<std::uint32_t, std::uint32_t> stands_for;
  for (const auto& [from, to] : same_as_)
    if (const auto key = stock_->keys.find(from); key != stock_->keys.end()) stands_for.emplace(key->second, stock_->keys.at(Resolve(from)));
  std::array<std::vector<const KnownFact*>*, std::numeric_limits<std::uint8_t>::max() + 1> of_relation{};
  std::vector<Entry> things, subjects;
  things.reserve(facts_.size());
  subjects.reserve(facts_.size());
  const Entity* subject = nullptr;
  for (const KnownFact* at : facts_) {
    const KnownFact& known = *at;
    const Fact& fact = known.fact;
    auto*& related = of_relation[static_cast<std::uint8_t>(fact.relation)];
    if (related == nullptr) related = &by_relation_[fact.relation];
    related->push_back(&known);
    subjects.emplace_back(known.subject_key, &known);
    if (IsObservation(fact.relation) || fact.relation == Relation::kTargets || fact.relation == Relation::kClaimedBy) {
      std::uint32_t key = known.thing_key;
      if (!stands_for.empty() && (fact.object.type == EntityType::kMalware || fact.object.type == EntityType::kActor))
        if (const auto other = stands_for.find(key); other != stands_for.end()) key = other->second;
      things.emplace_back(key, &known);
    }
    // Facts about one subject stand together: its text is made once.
    if (fact.subject.type == EntityType::kAttack && (subject == nullptr || *subject != fact.subject)) {
      subject = &fact.subject;
      all_attacks_.insert(fact.subject.ToString());
    }
    if (fact.subject.type == EntityType::kLineage || fact.object.type == EntityType::kLineage) {
      const Entity& lineage = fact.subject.type == EntityType::kLineage ? fact.subject : fact.object;
      lineage_names_.emplace(lineage.ToString(), lineage.value);
    }
  }
  by_thing_ = MakeTable(stock_->keys.size(), things);
  by_subject_ = MakeTable(stock_->keys.size(), subjects);
  for (auto& [id, name] : lineage_names_)
    if (const KnownFact* best = BestName(Facts(*ParseEntity(id), Relation::kNamed)); best != nullptr)
      name = best->fact.object.value;
  IndexActors(parameters);
  IndexAttacks(parameters);
  IndexTechniquesAndTools(parameters);
}

void Knowledge::IndexActors(const Parameters& parameters) {
  std::map<std::string, KnownActor> actors;
  const Entity* subject = nullptr;
  KnownActor* at_subject = nullptr;
  for (const KnownFact* at : facts_) {
    const KnownFact& known = *at;
    const Fact& fact = known.fact;
    if (fact.object.type == EntityType::kActor && fact.relation == Relation::kAttributedTo) {
      const std::string id = Resolve(fact.object.ToString());
      actors[id].id = id;
    }
    if (fact.subject.type != EntityType::kActor) continue;
    // Facts about one actor stand together: thousands of techniques are one look-up.
    if (subject == nullptr || *subject != fact.subject) {
      subject = &fact.subject;
      const std::string id = Resolve(fact.subject.ToString());
      at_subject = &actors[id];
      at_subject->id = id;
    }
    KnownActor& actor = *at_subject;
    switch (fact.relation) {
      case Relation::kNamed:
        actor.names.push_back(&known);
        break;
      case Relation::kSponsoredBy:
        AddJudgement(actor.sponsors, fact.object.ToString(), JudgementP(known, parameters), known.id);
        break;
      case Relation::kIsA:
        actor.classes.insert(fact.object.value);
        break;
      default:
        break;
    }
  }
  for (auto& [id, actor] : actors) {
    Normalise(actor.sponsors);
    // The name given under the actor's own id comes before names of ids that were merely equated with it.
    std::vector<const KnownFact*> own;
    for (const KnownFact* name : actor.names)
      if (HasText(name->fact.subject, id)) own.push_back(name);
    const KnownFact* best = BestName(own.empty() ? actor.names : own);
    actor.name = best != nullptr ? best->fact.object.value : id.substr(id.find(':') + 1);
    actors_.push_back(std::move(actor));
  }
}

void Knowledge::IndexAttacks(const Parameters& parameters) {
  std::unordered_map<std::string, std::vector<const KnownFact*>> built_from;
  for (const KnownFact* known : OfRelation(Relation::kBuiltFrom)) built_from[known->fact.subject.ToString()].push_back(known);
  // All facts about attacks stand together, by attack, then by relation.
  const auto type_less = [](const KnownFact* known, EntityType type) { return known->fact.subject.type < type; };
  auto next = std::lower_bound(facts_.begin(), facts_.end(), EntityType::kAttack, type_less);
  while (next != facts_.end() && (*next)->fact.subject.type == EntityType::kAttack) {
    const auto first = next;
    const Entity& subject = (*first)->fact.subject;
    for (std::uint32_t key = (*first)->subject_key; ++next != facts_.end();) {
      if ((*next)->subject_key == key) continue;  // same subject, same relation
      if ((*next)->fact.subject != subject) break;
      key = (*next)->subject_key;
    }
    const std::span<const KnownFact* const> about(first, next);
    const auto each = [&](Relation relation, const auto& fn) {
      for (const KnownFact* known : about)
        if (known->fact.relation == relation) fn(*known);
    };
    KnownAttack attack;
    attack.id = subject.ToString();
    // The last day of the stated period: "2016-03" is not known to lie before 19 March 2016.
    each(Relation::kTargets, [&](const KnownFact& known) {
      if (known.fact.valid_from && (!attack.begin || known.fact.valid_from->LastDay() < *attack.begin))
        attack.begin = known.fact.valid_from->LastDay();
    });
    // Without a date of its own the earliest report must do: the attack was no later than that.
    if (!attack.begin)
      for (const KnownFact* known : about)
        if (!attack.begin || known->known_by < *attack.begin) attack.begin = known->known_by;
    if (options_.incident && (!attack.begin || *attack.begin >= *options_.incident)) continue;
    each(Relation::kAttributedTo, [&](const KnownFact& known) {
      if (known.fact.object.type == EntityType::kCountry || known.fact.object.type == EntityType::kClass) return;
      for (const auto& [actor, p] : Behind(known.fact.object).actors)
        AddJudgement(attack.actors, actor, p * JudgementP(known, parameters), known.id);
    });
    const auto built = [&](const KnownFact& known) {
      AddJudgement(attack.lineages, known.fact.object.ToString(), JudgementP(known, parameters), known.id);
    };
    each(Relation::kBuiltFrom, built);
    each(Relation::kUses, [&](const KnownFact& used) {
      if (used.fact.object.type != EntityType::kMalware) return;
      const std::string malware = Resolve(used.fact.object.ToString());
      attacks_using_[malware].push_back(attack.id);
      if (const auto known = built_from.find(malware); known != built_from.end())
        for (const KnownFact* fact : known->second) built(*fact);
    });
    Normalise(attack.actors);
    std::sort(attack.lineages.begin(), attack.lineages.end(),
              [](const Judgement& a, const Judgement& b) { return a.to < b.to; });
    for (const Judgement& j : attack.actors) {
      const auto actor = std::lower_bound(actors_.begin(), actors_.end(), j.to,
                                          [](const KnownActor& a, const std::string& id) { return a.id < id; });
      if (actor != actors_.end() && actor->id == j.to) ++actor->attacks;
    }
    attacks_.push_back(std::move(attack));
  }
}

void Knowledge::IndexTechniquesAndTools(const Parameters& parameters) {
  // Facts about one subject stand together: who is behind an attack is looked up once.
  const Entity* subject = nullptr;
  // The sets that its techniques go into; they stay valid while the table grows.
  std::vector<std::set<std::string>*> into;
  Holders behind;
  bool has_tools = false;
  for (const KnownFact* at : facts_) {
    const KnownFact& known = *at;
    const Fact& fact = known.fact;
    const bool attack = fact.subject.type == EntityType::kAttack;
    if (!attack && fact.subject.type != EntityType::kActor) continue;
    if (subject == nullptr || *subject != fact.subject) {
      subject = &fact.subject;
      into.clear();
      has_tools = false;
      behind = {};
      if (attack) AddAttack(subject->ToString(), behind, 1);
    }
    if (attack && !has_tools && !behind.actors.empty()) {
      const LinkKind* kind = parameters.KindOf(fact);
      has_tools = kind != nullptr && kind->group == Group::kCode;
      if (has_tools)
        for (const auto& [actor, p] : behind.actors) actors_with_tools_.insert(actor);
    }
    if (fact.relation != Relation::kUses || fact.object.type != EntityType::kTechnique) continue;
    if (!attack && !BeforeIncident(known)) continue;
    if (into.empty()) {
      if (attack)
        for (const auto& [actor, p] : behind.actors) into.push_back(&techniques_[actor]);
      else
        into.push_back(&techniques_[Resolve(subject->ToString())]);
    }
    // They come in order: mostly each is the last of its set.
    for (std::set<std::string>* ids : into) ids->insert(ids->end(), fact.object.value);
  }
  for (const auto& [actor, ids] : techniques_)
    for (const std::string& id : ids) ++technique_actors_[id];
}

}  // namespace ascribe
