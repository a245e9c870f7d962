// What evidence controls is shown as what it is: nothing invisible, nothing that turns the direction of writing, no end.

const kLimit = 400;
// Controls, zero-width and bidirectional characters, soft hyphen, variation selectors, tags, byte order mark.
const kHidden =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;
const code = (c) => `<U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}>`;

// A word of Latin letters with a Cyrillic or Greek one among them is a disguise.
const kWord = /[\p{L}\p{M}\p{N}]+/gu;
const kStrange = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Cherokee}\p{Script=Armenian}]/gu;
function unmask(word) {
  // No test() with a global expression before it: that one remembers where it stopped.
  return /\p{Script=Latin}/u.test(word) ? word.replace(kStrange, code) : word;
}

/** Text of evidence for people. */
export function vis(text, limit = kLimit) {
  if (text === null || text === undefined) return '';
  let s = String(text);
  const all = s.length;
  if (all > limit) s = s.slice(0, limit).replace(/[\ud800-\udbff]$/, '');
  s = s.replace(kHidden, code).replace(kWord, unmask);
  return all > limit ? `${s}… (${all.toLocaleString('en')} characters)` : s;
}

/** The beginning of a text, for labels: the whole stands elsewhere. */
export function cut(text, limit) {
  const s = vis(text, 100000);
  return s.length > limit ? s.slice(0, limit).replace(/[\ud800-\udbff]$/, '').trimEnd() + '…' : s;
}

/** 0.973 -> "97 %"; nothing is ever 0 % or 100 %. */
export function percent(p) {
  if (p < 0.01) return '<1 %';
  if (p > 0.985) return '>98 %';
  return `${Math.round(100 * p)} %`;
}
/** Both ends, once when they print alike. */
export function range(low, high) {
  const [a, b] = [percent(low), percent(high)];
  return a === b ? a : `${a.replace(' %', '')}–${b}`;
}

export const times = (nats) => {
  const x = Math.exp(Math.abs(nats));
  return `${nats < 0 ? '÷' : '×'}${x < 10 ? x.toFixed(1) : Math.round(x).toLocaleString('en')}`;
};

export const signed = (nats) => (Math.abs(nats) < 0.005 ? '0' : `${nats < 0 ? '−' : '+'}${Math.abs(nats).toFixed(2)}`);

/** ICD 203 (2015); the engine alone never says "almost certain". */
export function word(p) {
  if (p < 0.05) return 'almost no chance';
  if (p < 0.2) return 'very unlikely';
  if (p < 0.45) return 'unlikely';
  if (p < 0.55) return 'roughly even';
  if (p < 0.8) return 'likely';
  return 'very likely';
}

export const levelNames = { lineage: 'Tools from the code base of', operator: 'Operated by', sponsor: 'In the service of' };
export const groupNames = { code: 'Code', infrastructure: 'Infrastructure', behaviour: 'Techniques and behaviour', victim: 'Victim', human: 'People and statements' };
