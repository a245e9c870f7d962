// Writes a case in which every text is hostile: node test/hostile.js FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';

const folder = process.argv[2];
mkdirSync(`${folder}/evidence`, { recursive: true });
const bad = ['<img src=x onerror="window.owned=1">', '</script><script>window.owned=1</script>', '\u202egnp.exe', 'p\u0430ypal.com', 'a\u200bb', 'x'.repeat(60000), '" onmouseover="window.owned=1', "javascript:window.owned=1", '{{7*7}}', '${7*7}', '<b>bold</b>', '\u2066\u2069', '=cmd|x'];
const q = JSON.stringify;
// TOML's basic strings escape as JSON's do.
writeFileSync(
  `${folder}/case.toml`,
  `format = "ascribe-case/1"
id = "hostile"
title = ${q(bad[0] + bad[1] + bad[2])}
tlp = "AMBER"
[victim]
name = ${q(bad[6])}
sector = "media"
country = "US"
[dates]
incident = "2020-06-01"
[[source]]
id = "s"
title = ${q(bad[1])}
publisher = ${q(bad[2])}
published = "2020-06-02"
reliability = "B"
credibility = 2
`,
);
const lines = [];
for (const text of bad)
  for (const type of ['string', 'mutex', 'file-name', 'text']) lines.push(q({ subject: 'incident:self', relation: 'contains', object: `${type}:${text}`, known_on: '2020-06-02', source: 's', verified: 'read', note: text }));
writeFileSync(`${folder}/evidence/${'<b>file</b>'.replaceAll('/', '_')}.ndjson`, lines.join('\n') + '\n');
