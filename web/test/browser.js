// The page in a headless Chromium that reaches nothing: node test/browser.js REPORT.html OUT-FOLDER [HOSTILE.html LARGE.html]
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unpack } from '../src/page.js';
import { launch } from './chromium.js';

const [report, caseFolder, hostile] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const failures = [];
let checks = 0;
function check(ok, what) {
  ++checks;
  if (!ok) {
    failures.push(what);
    console.error('FAILED: ' + what);
  }
}

const browser = await launch();
async function open(file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1300, height: 900 }, reducedMotion: 'reduce', offline: true, ...options });
  const tab = await context.newPage();
  const said = [];
  const asked = [];
  tab.on('console', (m) => ['error', 'warning'].includes(m.type()) && said.push(m.text()));
  tab.on('pageerror', (e) => said.push(e.message));
  tab.on('request', (r) => asked.push(r.url()));
  const begin = Date.now();
  await tab.goto(pathToFileURL(resolve(file)).href);
  await tab.waitForSelector('#evidence table');
  return { context, tab, said, asked, ms: Date.now() - begin };
}
const sections = ['verdict', 'why', 'links', 'route', 'timeline', 'graph', 'response', 'method', 'evidence'];

// Opens from disk, asks nobody, says nothing.
{
  const { context, tab, said, asked } = await open(report);
  check(asked.length === 1 && asked[0].startsWith('file:'), `one request, to the file itself: ${asked.join(' ')}`);
  check(said.length === 0, `a silent console: ${said.join('; ')}`);
  await tab.keyboard.press('Tab');
  check((await tab.evaluate(() => document.activeElement.className)) === 'skip', 'Tab begins at the skip link');
  for (const id of sections) check((await tab.locator(`section#${id}`).count()) === 1, `a section ${id}`);

  // Ten numbers from all over the page: each drawer leads to a fact, its place and its hash, and the bytes say so.
  const data = unpack(JSON.parse(readFileSync(report, 'utf8').match(/id="case">(.*?)<\/script>/s)[1]));
  await tab.locator('details').evaluateAll((all) => all.forEach((d) => (d.open = true)));
  const numbers = await tab.locator('main button.num').count();
  check(numbers >= 30, `${numbers} numbers that can be asked`);
  let state = 20141124;
  const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  let reached = 0;
  for (let tries = 0; tries < 60 && reached < 10; ++tries) {
    await tab.locator('main button.num').nth(Math.floor(random() * numbers)).click();
    // hypothesis -> claim -> fact, taking one of the links each time
    for (let step = 0; step < 3 && (await tab.locator('[data-sha256]').count()) === 0; ++step) {
      const links = tab.locator('.drawer .cards button.link');
      const n = await links.count();
      if (n === 0) break;
      await links.nth(Math.floor(random() * n)).click();
    }
    if ((await tab.locator('[data-sha256]').count()) === 1) {
      const sha256 = (await tab.locator('[data-sha256]').innerText()).trim();
      const evidence = data.evidence.find((e) => e.sha256 === sha256);
      const locator = (await tab.locator('[data-locator]').innerText()).trim();
      check(locator !== '', 'a place');
      if (evidence && existsSync(join(caseFolder, evidence.name))) {
        ++reached;
        const bytes = readFileSync(join(caseFolder, evidence.name));
        check(createHash('sha256').update(bytes).digest('hex') === sha256, `${evidence.name} has the hash that the drawer names`);
        const line = locator.match(/^line (\d+)/);
        if (line && (await tab.locator('[data-excerpt]').count()) === 1) {
          const text = bytes.toString('utf8').split('\n')[Number(line[1]) - 1];
          const shown = (await tab.locator('[data-excerpt]').innerText()).replace(/…$/, '').slice(0, 40);
          check(text.replace(/\s+/g, ' ').includes(shown.replace(/\s+/g, ' ')), `line ${line[1]} of ${evidence.name} holds "${shown}"`);
        }
      } else if (data.files.some((f) => f.sha256 === sha256)) {
        ++reached;
      } else check(false, `${sha256} is no evidence and no pack`);
    }
    await tab.keyboard.press('Escape');
    check((await tab.locator('.drawer').count()) === 0, 'Escape closes the drawer');
  }
  check(reached >= 10, `ten random numbers end at bytes (${reached})`);

  // Keyboard: the graph is walked with arrows; focus comes back from the drawer.
  const node = tab.locator('.graph .node[tabindex="0"]');
  await node.focus();
  const before = await tab.evaluate(() => document.activeElement.dataset.node);
  await tab.keyboard.press('ArrowRight');
  const after = await tab.evaluate(() => document.activeElement.dataset.node);
  check(before !== undefined && after !== undefined && before !== after, 'an arrow key walks the graph');
  await tab.keyboard.press('Enter');
  check((await tab.locator('.drawer').count()) === 1, 'Enter asks where a node comes from');
  await tab.keyboard.press('Escape');
  check((await tab.evaluate(() => document.activeElement.dataset.node)) === after, 'the focus comes back to the node');

  // A slider moves the posterior, Reset puts it back.
  const leader = tab.locator('#why [data-now]').first();
  const calm = await leader.innerText();
  const sliders = tab.locator('#why input[data-claim]');
  for (let i = 0; i < (await sliders.count()); ++i) await sliders.nth(i).fill('0');
  await tab.locator('#why input[type=range]').first().fill('0.99');
  check((await leader.innerText()) !== calm, 'sliders move the posterior');
  check((await tab.locator('#why .note code').innerText()).includes('--trust c-'), 'and name the command that keeps them');
  await tab.locator('#why button', { hasText: 'Reset' }).click();
  check((await leader.innerText()) === calm, 'Reset puts it back');

  // Deep links.
  const claim = data.assessment.claims[0].id;
  await tab.evaluate((id) => (location.hash = id), claim);
  await tab.waitForSelector('.drawer');
  check((await tab.locator('.drawer').innerText()).includes(claim), 'a deep link opens its claim');
  await tab.keyboard.press('Escape');

  // Each entry of the response leads to all of its facts: the longest list is unfolded and read to its end.
  await tab.evaluate(() => history.replaceState(null, '', location.pathname));
  const most = data.response.steps.reduce((p, q) => (q.backing.facts_total > p.backing.facts_total ? q : p));
  check(most.backing.facts_total > 60, `a long list of facts (${most.backing.facts_total})`);
  await tab.locator('#response button.num', { hasText: `${most.backing.facts_total} facts behind ${most.label}` }).first().click();
  await tab.locator('.drawer button', { hasText: `All ${most.backing.facts_total} facts` }).click();
  const seen = new Set();
  for (let i = 0; i < 100; ++i) {
    for (const id of await tab.locator('.drawer .table tbody button.link').allInnerTexts()) seen.add(id);
    const end = await tab.locator('.drawer .table').evaluate((box) => {
      const before = box.scrollTop;
      box.scrollTop += 400;
      return box.scrollTop === before;
    });
    await tab.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    if (end) break;
  }
  check(seen.size === most.backing.facts_total, `all ${most.backing.facts_total} facts behind "${most.label}" can be reached (${seen.size})`);
  await tab.keyboard.press('Escape');

  // Paper: the marking on every page, all rows, nothing cut at the side.
  const pdf = await tab.pdf({ format: 'A4', preferCSSPageSize: true, path: join(process.env.OUT ?? '/tmp', 'report.pdf') });
  check(pdf.length > 20000, 'a PDF');
  // A4 less its margins, at 96 dots to the inch.
  await tab.setViewportSize({ width: 687, height: 974 });
  await tab.emulateMedia({ media: 'print' });
  const cut = await tab.evaluate(() => [...document.querySelectorAll('main table, main svg, main .scroll')].filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1).map((e) => `${e.closest('section').id} ${e.tagName}`));
  check(cut.length === 0, `nothing is cut at the side of the paper: ${cut.join(', ')}`);
  await context.close();
}

// axe in both themes, section by section, and in the drawer.
for (const colorScheme of ['light', 'dark']) {
  const { context, tab } = await open(report, { colorScheme });
  // The policy of the page lets no script in; the tester's comes through the debugger.
  await tab.evaluate(axe);
  const run = (selector) => tab.evaluate((s) => window.axe.run(document.querySelector(s), { resultTypes: ['violations'] }).then((r) => r.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', ')}`)), selector);
  for (const id of sections) {
    const found = await run(`#${id}`);
    check(found.length === 0, `axe, ${colorScheme}, ${id}: ${found.join('; ')}`);
  }
  const whole = await run('body');
  check(whole.length === 0, `axe, ${colorScheme}, the whole page: ${whole.join('; ')}`);
  await tab.locator('#verdict button.num').first().click();
  const drawer = await run('.drawer');
  check(drawer.length === 0, `axe, ${colorScheme}, drawer: ${drawer.join('; ')}`);
  await context.close();
}

// Narrow: nothing wider than the screen.
{
  const { context, tab } = await open(report, { viewport: { width: 360, height: 740 } });
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  check(wide <= 0, `nothing wider than a small screen (${wide} px)`);
  await context.close();
}

// Without scripts there is still a verdict, and the engine's words and figures in it are those that the scripts draw.
{
  const says = (tab) =>
    tab.evaluate(() => {
      const text = (e) => (e?.innerText ?? '').replace(/,? ?where does this come from\?/, '').replace(/\s+/g, ' ').trim();
      // What is for people who see: neither the bar nor the words for those who do not.
      const own = (cell) => [...cell.childNodes].map((n) => (n.nodeType === 3 ? n.data : n.nodeType === 1 && n.nodeName !== 'svg' && n.className !== 'sr' ? own(n) : '')).join('').trim();
      return {
        head: text(document.querySelector('h1')) + ' ' + text(document.querySelector('.meta')),
        verdict: [...document.querySelectorAll('.verdict p')].map(text),
        levels: [...document.querySelectorAll('.level')].map((l) => [l.className.split(' ').filter((c) => !c.startsWith('svelte')).join(' '), text(l.querySelector('h3')), [...l.querySelectorAll('tbody tr')].map((r) => [r.className, ...[...r.cells].map(own)]), text(l.querySelector('p'))]),
        bars: [...document.querySelectorAll('.level .bar .value')].map((b) => Number(b.getAttribute('width'))),
      };
    });
  const drawn = await open(report);
  const withScripts = await says(drawn.tab);
  await drawn.context.close();
  const without = await browser.newContext({ javaScriptEnabled: false, offline: true });
  const tab = await without.newPage();
  await tab.goto(pathToFileURL(resolve(report)).href);
  const engine = await says(tab);
  // The engine writes the length of a bar to a hundredth of its width.
  const apart = engine.bars.map((b, i) => Math.abs(b - withScripts.bars[i]));
  check(engine.bars.length >= 9 && apart.every((x) => x <= 0.005001), `bars as long: ${apart}`);
  delete engine.bars;
  delete withScripts.bars;
  check(JSON.stringify(engine) === JSON.stringify(withScripts), `what the engine wrote is what the scripts draw:\n${JSON.stringify(engine)}\n${JSON.stringify(withScripts)}`);
  await without.close();
}
{
  const context = await browser.newContext({ javaScriptEnabled: false, offline: true });
  const tab = await context.newPage();
  await tab.goto(pathToFileURL(resolve(report)).href);
  check((await tab.locator('noscript').count()) === 1 && (await tab.locator('body').innerText()).includes('Confidence in the evidence base'), 'the verdict without scripts');
  await context.close();
}

// A case in which everything is hostile.
if (hostile) {
  const { context, tab, said, asked } = await open(hostile);
  check(asked.length === 1, `a hostile case asks nobody: ${asked.join(' ')}`);
  check(said.length === 0, `and raises nothing: ${said.join('; ')}`);
  check((await tab.evaluate(() => window.owned)) === undefined, 'nothing of it runs');
  check((await tab.locator('main img, main iframe, main script, main b, main a[href^="javascript"]').count()) === 0, 'nothing of it is an element');
  const text = await tab.locator('main').innerText();
  check(!/[\u202a-\u202e\u2066-\u2069\u200b]/.test(text), 'nothing of it is invisible or turns the line');
  check(text.includes('<U+202E>'), 'what would turn the line is shown');
  check(text.length < 400000, 'nothing of it is endless');
  await context.close();
}

await browser.close();
console.log(`${checks} checks, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
