// Whether the page is being printed: on paper nothing is folded and no row is left out.
import { flushSync } from 'svelte';

export const paper = $state({ now: false });
function say(now) {
  flushSync(() => (paper.now = now));
}
addEventListener('beforeprint', () => say(true));
addEventListener('afterprint', () => say(false));
