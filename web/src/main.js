import { mount } from 'svelte';
import App from './App.svelte';
import { unpack } from './page.js';
import './print.svelte.js';
import './style.css';

const target = document.getElementById('app');
let drawn = false;
function draw() {
  if (drawn) return;
  drawn = true;
  const page = unpack(JSON.parse(document.getElementById('case').textContent));
  target.replaceChildren();
  mount(App, { target, props: { page } });
}
// What the engine wrote in here, the verdict, is painted first. Where nothing is painted (in the background, on paper) nobody waits.
if (document.visibilityState === 'hidden') draw();
else requestAnimationFrame(() => setTimeout(draw));
addEventListener('beforeprint', draw);
