// The pictures of README and docs: node test/screenshots.js REPORT.html FOLDER
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch } from './chromium.js';

const [report, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await launch();
async function open(options) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 820 }, offline: true, reducedMotion: 'reduce', ...options });
  const tab = await context.newPage();
  await tab.goto(pathToFileURL(resolve(report)).href);
  await tab.waitForSelector('#evidence table');
  return tab;
}
const light = await open({ colorScheme: 'light' });
await light.screenshot({ path: `${folder}/verdict.png` });
for (const id of ['why', 'route', 'graph']) await light.locator(`#${id}`).screenshot({ path: `${folder}/${id}.png` });
await light.locator('#verdict ul .num').first().click();
await light.locator('.drawer .cards button.link').first().click();
await light.screenshot({ path: `${folder}/drawer.png` });
await browser.close();
