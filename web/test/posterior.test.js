// The page's sum against the engine's: check.sh makes reports of sony-2014 with scenarios of random trust, and a page holds
// what the engine computed for its scenario at full precision.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { unpack } from '../src/page.js';
import { claimsOf, computeLevels, doubt, groupValue, stableSum } from '../src/posterior.js';
import { cut, percent, range, vis } from '../src/text.js';

const reports = process.env.REPORTS;
const pageOf = (file) => unpack(JSON.parse(readFileSync(file, 'utf8').match(/id="case">(.*?)<\/script>/s)[1]));

describe('the sum', () => {
  it('is the same in any order', () => {
    expect(stableSum([1e16, 1, -1e16, 1])).toBe(stableSum([1, 1, 1e16, -1e16]));
  });
  it('doubts between nothing and all', () => {
    expect(doubt(3, 1)).toBeCloseTo(3, 12);
    expect(doubt(3, 0)).toBe(0);
    expect(doubt(-2, 0.5)).toBeGreaterThan(-2);
  });
  it('caps a group', () => {
    const model = { group_headroom: 1, caps: { human: 3 } };
    expect(groupValue(model, 'code', [2, 2, 2])).toBe(3);
    expect(groupValue(model, 'human', [5])).toBe(3);
    expect(groupValue(model, 'code', [2, -0.5])).toBe(1.5);
  });
});

describe.skipIf(!reports)('the page and the engine', () => {
  const pages = reports ? readdirSync(reports).map((name) => pageOf(`${reports}/${name}/report.html`)) : [];

  it('agree on the case as it is', () => {
    const page = pages[0];
    const now = computeLevels(page.model, claimsOf(page), {});
    for (const level of ['lineage', 'operator', 'sponsor']) {
      expect(now[level].map((h) => h.id)).toEqual(page.assessment.levels[level].ranked.map((h) => h.id));
      for (const h of page.assessment.levels[level].ranked)
        // The assessment prints six decimals.
        expect(Math.abs(now[level].find((x) => x.id === h.id).posterior - h.posterior)).toBeLessThan(5.1e-7);
    }
  });

  it('agree within 1e-9 on every scenario of trust', () => {
    expect(pages.length).toBeGreaterThanOrEqual(12);
    let moved = 0;
    for (const page of pages) {
      expect(page.scenarios.length).toBe(1);
      const s = page.scenarios[0];
      const trust = {};
      let flat = false;
      let unknownPrior = null;
      for (const d of s.differences) {
        const claim = d.match(/^claim (c-[0-9a-f]{12}) trusted with ([0-9.]+)$/);
        const prior = d.match(/^prior of somebody unknown ([0-9.]+)$/);
        if (claim) trust[claim[1]] = Number(claim[2]);
        else if (prior) unknownPrior = Number(prior[1]);
        else if (d === 'flat prior') flat = true;
        else throw new Error(`a difference that no slider makes: ${d}`);
      }
      const now = computeLevels(page.model, claimsOf(page), { trust, flat, unknownPrior });
      for (const level of ['lineage', 'operator', 'sponsor']) {
        expect(now[level].length).toBe(s.levels[level].ranked.length);
        for (const [id, posterior] of s.levels[level].ranked) {
          const mine = now[level].find((h) => h.id === id);
          expect(mine, `${s.name} ${level} ${id}`).toBeDefined();
          expect(Math.abs(mine.posterior - posterior), `${s.name} ${level} ${id}`).toBeLessThan(1e-9);
          const before = page.assessment.levels[level].ranked.find((h) => h.id === id)?.posterior ?? 0;
          if (Math.abs(before - posterior) > 1e-3) ++moved;
        }
      }
    }
    expect(moved).toBeGreaterThan(10);
  });
});

describe('text of evidence', () => {
  it('shows what hides', () => {
    expect(vis('a\u202egnp.exe')).toBe('a<U+202E>gnp.exe');
    expect(vis('a\u200bb\u0000c\u001b[2J')).toBe('a<U+200B>b<U+0000>c<U+001B>[2J');
    expect(vis('\u{e0041}')).toBe('<U+E0041>');
  });
  it('shows letters in disguise', () => {
    expect(vis('p\u0430ypal')).toBe('p<U+0430>ypal');
    expect(vis('p\u0430ypal p\u0430ypal')).toBe('p<U+0430>ypal p<U+0430>ypal');
    expect(vis('\u043f\u0440\u0438\u0432\u0435\u0442')).toBe('\u043f\u0440\u0438\u0432\u0435\u0442');
  });
  it('ends', () => {
    expect(vis('x'.repeat(1 << 20)).length).toBeLessThan(500);
    expect(cut('a long label', 6)).toBe('a long…');
  });
  it('is never certain', () => {
    expect(percent(1)).toBe('>98 %');
    expect(percent(0)).toBe('<1 %');
    expect(range(0.971, 0.98)).toBe('97–98 %');
  });
});
