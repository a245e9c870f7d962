// The engine's three posteriors once more, for sliders: src/weigh/posterior.cc, term by term. A test holds both to 1e-9.

/** Adds in ascending order, as the engine does: equal leaders stay equal. */
export function stableSum(terms) {
  let sum = 0;
  for (const term of [...terms].sort((a, b) => a - b)) sum += term;
  return sum;
}

/** ln LR of something that holds with chance p and says nothing otherwise. */
export function doubt(nats, p) {
  return Math.log(p * Math.exp(nats) + (1 - p));
}

export function groupValue(model, group, nats) {
  const positive = nats.filter((n) => n > 0);
  let value = stableSum(positive);
  if (positive.length > 0) value = Math.min(value, Math.max(...positive) + model.group_headroom);
  if (group in model.caps) value = Math.min(value, model.caps[group]);
  return value + stableSum(nats.filter((n) => !(n > 0)));
}

const weightAt = (model, level, group) => (level === 'operator' ? model.weights[group] : 1);

function total(model, level, groups, byGroup) {
  const values = [];
  for (const [group, nats] of Object.entries(groups)) {
    const value = weightAt(model, level, group) * groupValue(model, group, nats);
    values.push(value);
    if (byGroup) byGroup[group] = value;
  }
  return stableSum(values);
}

// What one origin merely asserts is scaled together to its best item plus the headroom.
function capOrigins(model, shares) {
  const originOf = (s) => (s.claim.asserted && s.claim.origins.length === 1 && s.nats > 0 ? s.claim.origins[0] : null);
  const asserted = new Map();
  for (const s of shares) {
    const origin = originOf(s);
    if (origin !== null) asserted.set(origin, [...(asserted.get(origin) ?? []), s.nats]);
  }
  for (const s of shares) {
    const origin = originOf(s);
    if (origin === null) continue;
    const nats = asserted.get(origin);
    const sum = stableSum(nats);
    const most = Math.max(...nats) + model.origin_headroom;
    if (sum > most) s.capped = s.nats * (most / sum);
  }
  for (const s of shares) s.nats = s.capped ?? s.nats;
}

// Tools of many hands together say no more for one operator than the cap.
function capSharedTools(model, level, shares) {
  if (level !== 'operator') return;
  const handsOf = (c) => c.holders + (c.background > 0 ? 1 : 0);
  const shared = shares.filter((s) => s.nats > 0 && s.claim.group === 'code' && handsOf(s.claim) >= model.shared_tool_holders);
  const sum = stableSum(shared.map((s) => s.nats));
  if (sum > model.shared_tools_cap) for (const s of shared) s.nats *= model.shared_tools_cap / sum;
}

function tallyUp(model, level, claims) {
  const shares = new Map();
  for (const claim of claims) {
    if (claim.cancelled) continue;
    for (const [at, hypothesis, nats] of claim.parts) {
      if (at !== level) continue;
      if (!shares.has(hypothesis)) shares.set(hypothesis, []);
      shares.get(hypothesis).push({ claim, nats });
    }
  }
  const tallies = new Map();
  for (const [hypothesis, list] of shares) {
    capOrigins(model, list);
    capSharedTools(model, level, list);
    const tally = { all: {}, copyable: {}, shares: list };
    for (const { claim, nats } of list) {
      (tally.all[claim.group] ??= []).push(nats);
      if (claim.copyable) (tally.copyable[claim.group] ??= []).push(nats);
    }
    tallies.set(hypothesis, tally);
  }
  return tallies;
}

const nothing = { all: {}, copyable: {}, shares: [] };

function copyableTotal(model, level, tally) {
  const positive = {};
  for (const [group, nats] of Object.entries(tally.copyable)) {
    const kept = nats.filter((n) => n > 0);
    if (kept.length > 0) positive[group] = kept;
  }
  return total(model, level, positive);
}

// The planted items themselves are what the imitation predicts.
function plantedFor(model, level, hypothesis, claims) {
  let most = 0;
  for (const claim of claims)
    if (claim.cancelled)
      for (const [at, h, nats] of claim.parts)
        if (at === level && h === hypothesis && nats > 0) most = Math.max(most, weightAt(model, level, claim.group) * nats);
  return most;
}

function softmax(list, cap) {
  const top = Math.max(...list.map((h) => h.score));
  for (const h of list) h.posterior = Math.exp(h.score - top);
  const sum = stableSum(list.map((h) => h.posterior));
  for (const h of list) h.posterior /= sum;
  for (const h of list) {
    if (h.posterior <= cap) continue;
    const excess = h.posterior - cap;
    h.posterior = cap;
    const others = list.filter((o) => o !== h && (h.kind === 'unknown' || o.kind === 'unknown'));
    for (const o of others) o.posterior += excess / others.length;
  }
}

function open(model, level, candidates, claims, settings) {
  const tallies = tallyUp(model, level, claims);
  const unknownPrior = settings.unknownPrior ?? model.unknown_prior;
  const weights = candidates.map((c) => (settings.flat ? 1 : c.weight));
  const all = stableSum(weights);
  const list = candidates.map((c, i) => {
    const tally = tallies.get(c.id) ?? nothing;
    const h = { id: c.id, name: c.name, kind: c.kind, groups: {}, shares: tally.shares };
    h.prior = Math.min(((1 - unknownPrior) * weights[i]) / all, model.known_max);
    h.nats = total(model, level, tally.all, h.groups);
    h.score = Math.log(h.prior) + h.nats;
    return h;
  });
  const best = Math.max(...list.map((h) => h.score));
  const alone = list.filter((h) => h.score === best).length === 1;
  const imitations = [];
  let ofSeveral = null;
  for (const h of list) {
    const deception = model.deception[h.id] ?? 0;
    if (h.score !== best && deception <= 0) continue;
    const f = { id: 'false-flag:' + h.id, name: 'somebody posing as ' + h.name, kind: 'false_flag', groups: {}, shares: [] };
    f.prior = h.prior / model.false_flag_odds;
    f.nats = copyableTotal(model, level, tallies.get(h.id) ?? nothing) + deception + plantedFor(model, level, h.id, claims);
    f.score = Math.log(f.prior) + f.nats;
    if (alone || deception > 0) imitations.push(f);
    else if (ofSeveral === null || f.nats > ofSeveral.nats) ofSeveral = f;
  }
  if (ofSeveral) imitations.push({ ...ofSeveral, id: 'false-flag:several', name: 'somebody posing as one of several' });
  const unknown = { id: 'unknown', name: 'unknown', kind: 'unknown', nats: 0, groups: {}, shares: [] };
  unknown.prior = 1 - stableSum(list.map((h) => h.prior));
  unknown.score = Math.log(unknown.prior);
  const result = [...list, ...imitations, unknown];
  if (result.length === 1) unknown.posterior = model.posterior_cap;
  else softmax(result, model.posterior_cap);
  return result;
}

function sponsor(model, operators, claims) {
  const tallies = tallyUp(model, 'sponsor', claims);
  const mass = new Map();
  const prior = new Map();
  const push = (map, key, value) => map.set(key, [...(map.get(key) ?? []), value]);
  const unknownMass = [];
  const unknownPrior = [];
  const flagMass = [];
  for (const h of operators) {
    if (h.kind === 'unknown') {
      unknownMass.push(h.posterior);
      unknownPrior.push(h.prior);
    } else if (h.kind === 'false_flag') {
      flagMass.push(h.posterior);
    } else {
      const named = [];
      for (const [to, p] of model.sponsors[h.id] ?? []) {
        push(mass, to, h.posterior * p);
        push(prior, to, h.prior * p);
        named.push(p);
      }
      const rest = Math.max(0, 1 - stableSum(named));
      unknownMass.push(h.posterior * rest);
      unknownPrior.push(h.prior * rest);
    }
  }
  const unknown = stableSum(unknownMass);
  const direct = new Set();
  for (const claim of claims) for (const [at, h] of claim.parts) if (at === 'sponsor') direct.add(h);
  for (const id of direct) push(mass, id, unknown * model.unknown_sponsor);
  const result = [];
  let leader = '';
  let best = -1;
  for (const id of [...mass.keys()].sort()) {
    const tally = tallies.get(id);
    const h = { id, name: id.slice(id.indexOf(':') + 1), kind: id.startsWith('country:') ? 'state' : 'non_state', nats: 0, groups: {}, shares: tally?.shares ?? [] };
    h.prior = stableSum(prior.get(id) ?? []);
    if (tally) h.nats = total(model, 'sponsor', tally.all, h.groups);
    h.mass = stableSum(mass.get(id)) * Math.exp(h.nats);
    if (h.mass > best) {
      best = h.mass;
      leader = id;
    }
    result.push(h);
  }
  const flag = { id: 'false-flag:' + (leader || 'nobody'), kind: 'false_flag', prior: 0, nats: 0, groups: {}, shares: [], mass: stableSum(flagMass) };
  flag.name = leader ? 'somebody posing as ' + leader.slice(leader.indexOf(':') + 1) : 'somebody posing as another';
  const tally = tallies.get(leader);
  if (tally) {
    flag.nats = copyableTotal(model, 'sponsor', tally);
    flag.mass *= Math.exp(flag.nats);
  }
  result.push(flag);
  result.push({ id: 'unknown', name: 'unknown', kind: 'unknown', prior: stableSum(unknownPrior), nats: 0, groups: {}, shares: [], mass: unknown });
  for (const h of result) h.score = Math.log(Math.max(h.mass, 1e-12));
  softmax(result, model.posterior_cap);
  return result;
}

const rank = (list) => list.sort((a, b) => b.posterior - a.posterior || (a.id < b.id ? -1 : 1));

/** Claims of the assessment joined with their parts at full precision. */
export function claimsOf(page) {
  return page.assessment.claims.map((c) => ({
    id: c.id,
    group: c.group,
    copyable: c.copyable,
    cancelled: c.cancelled_by !== null,
    asserted: c.asserted,
    holders: c.holders,
    background: c.background,
    origins: c.origins,
    parts: page.model.claims[c.id] ?? [],
  }));
}

/**
 * Posteriors at all levels. settings: {trust: {claimId: 0..1}, flat: bool, unknownPrior: number | null}; a claim that is
 * trusted with t says what it says with chance t, and nothing otherwise.
 */
export function computeLevels(model, claims, settings) {
  const trust = settings.trust ?? {};
  const trusted = claims.map((c) =>
    c.id in trust ? { ...c, parts: c.parts.map(([level, h, nats]) => [level, h, doubt(nats, trust[c.id])]) } : c,
  );
  const operators = open(model, 'operator', model.operator, trusted, settings);
  return {
    lineage: rank(open(model, 'lineage', model.lineage, trusted, settings)),
    operator: rank([...operators]),
    sponsor: rank(sponsor(model, operators, trusted)),
  };
}
