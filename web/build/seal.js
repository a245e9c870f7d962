// Last step of the build: a content security policy that allows this script and these styles, by their hashes, and nothing
// else; then the page becomes the template that the C++ program embeds.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const [out = '../src/report/template.html', built = 'dist/index.html'] = process.argv.slice(2);
let page = readFileSync(built, 'utf8');
// Modules are deferred where they stand; the bundle needs the data and the mount point, so it goes to the end of the body.
const script = page.match(/<script type="module"[^>]*>([\s\S]*?)<\/script>\s*/);
if (!script) throw new Error('no script in the built page');
page = page.replace(script[0], () => '');
const styles = [...page.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)].map((m) => m[1]);
const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const policy = [
  "default-src 'none'",
  `script-src ${hash(script[1])}`,
  `style-src ${styles.map(hash).join(' ')}`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
page = page.replace('<meta charset="utf-8" />', () => `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`);
page = page.replace('</body>', () => `<script type="module">${script[1]}</script>\n  </body>`);
for (const mark of ['<script type="application/json" id="case"></script>', '<!--shell-->', '<!--plain-->', '<title>ascribe</title>'])
  if (page.split(mark).length !== 2) throw new Error(`the page must hold ${mark} once`);
writeFileSync(out, page);
console.log(`${out}: ${page.length} bytes`);
