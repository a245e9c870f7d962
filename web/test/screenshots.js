// Screenshots of a report page: node test/screenshots.js REPORT.html FOLDER
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch } from './chromium.js';

const [report, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await launch();
const url = pathToFileURL(resolve(report)).href;
for (const [name, colorScheme, width, height] of [['light', 'light', 1400, 900], ['dark', 'dark', 1400, 900], ['mobile', 'light', 390, 844]]) {
  const context = await browser.newContext({ colorScheme, viewport: { width, height }, offline: true, reducedMotion: 'reduce' });
  const tab = await context.newPage();
  tab.on('console', (m) => m.type() === 'error' && console.error(m.text()));
  tab.on('pageerror', (e) => console.error(e.message));
  await tab.goto(url);
  await tab.waitForSelector('#evidence table');
  await tab.screenshot({ path: `${folder}/${name}.png` });
  if (name === 'light')
    for (const id of ['why', 'links', 'route', 'timeline', 'graph', 'response', 'method', 'evidence']) {
      await tab.locator(`#${id}`).scrollIntoViewIfNeeded();
      await tab.locator(`#${id}`).screenshot({ path: `${folder}/${id}.png` });
    }
  if (name === 'light') {
    await tab.locator('#verdict .num').first().click();
    await tab.screenshot({ path: `${folder}/drawer.png` });
  }
  await context.close();
}
await browser.close();
