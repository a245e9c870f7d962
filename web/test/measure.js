// Medians over seven openings of a page, in milliseconds, as JSON: node test/measure.js REPORT.html
// paint: first contentful paint; ready: the last section stands; the others: from the event to the second frame after it.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch } from './chromium.js';

const url = pathToFileURL(resolve(process.argv[2])).href;
const browser = await launch();
const seen = { paint: [], ready: [], slider: [], drawer: [], search: [], scroll: [] };
for (let i = 0; i < 7; ++i) {
  const context = await browser.newContext({ viewport: { width: 1300, height: 900 }, offline: true, reducedMotion: 'reduce' });
  const tab = await context.newPage();
  await tab.goto(url);
  await tab.waitForSelector('#evidence table');
  const times = await tab.evaluate(async () => {
    const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const timed = async (act) => {
      const begin = performance.now();
      act();
      await frames();
      return performance.now() - begin;
    };
    const type = (input, value) => {
      input.value = value;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    };
    await frames();
    const ready = performance.now();
    const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? ready;
    const slider = document.querySelector('#why input[data-claim]');
    const out = { paint, ready };
    out.slider = slider ? await timed(() => type(slider, '0.5')) : 0;
    out.drawer = await timed(() => document.querySelector('#verdict button.num').click());
    document.querySelector('.drawer button').click();
    await frames();
    out.search = await timed(() => type(document.querySelector('#evidence input[type=search]'), '9'));
    const box = [...document.querySelectorAll('#evidence .scroll.long')].at(-1);
    out.scroll = box ? await timed(() => (box.scrollTop = box.scrollHeight / 2)) : 0;
    return out;
  });
  for (const [key, value] of Object.entries(times)) seen[key].push(value);
  await context.close();
}
await browser.close();
const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
console.log(JSON.stringify(Object.fromEntries(Object.entries(seen).map(([key, list]) => [key, median(list)]))));
