// The rows of docs/formats/page.md as objects.

/** A list of facts: each place as the step from the one before, then ids of facts that the page does not hold. */
export function factIds(page, list) {
  let at = 0;
  return list.map((x) => (typeof x === 'string' ? x : page.facts[(at += x)].id));
}

export function unpack(page) {
  const { words, files } = page;
  page.facts = page.facts.map(([id, s, r, o, source, file, at, by, check, knownOn, excerpt, more]) => ({
    id,
    s: words[s],
    r: words[r],
    o,
    source,
    evidence: file >= 0 && file !== null ? file : undefined,
    file: file < 0 ? files[-1 - file] : undefined,
    at,
    by: words[by],
    check: words[check],
    known_on: knownOn,
    excerpt,
    ...more,
  }));
  for (const s of page.sources) s.inspectable = !s.asserted;
  const six = (x) => Math.round(x * 1e6) / 1e6;
  for (const c of page.assessment.claims) {
    c.contributions = (page.model.claims[c.id] ?? []).map(([level, hypothesis, nats, low, high]) => ({ level, hypothesis, nats: six(nats), low, high }));
    c.case_facts = factIds(page, c.case_facts);
    c.knowledge_facts = factIds(page, c.knowledge_facts);
  }
  const statements = new Map(page.assessment.claims.map((c) => [c.id, c.statement]));
  page.assessment.sensitivity = page.sensitivity.map(([kind, id, label, changes, effect, levels]) => ({
    kind,
    id,
    label: label ?? statements.get(id) ?? id,
    changes_leader: changes === 1,
    effect,
    levels: Object.fromEntries(
      ['lineage', 'operator', 'sponsor'].map((level, i) => [level, { leader: levels[i][0] ?? page.assessment.levels[level].ranked[0].id, leader_posterior: levels[i][1], posterior: levels[i][2] }]),
    ),
  }));
  return page;
}
