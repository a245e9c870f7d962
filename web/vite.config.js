import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

// One file with everything in it; build/seal.js then names its script and its styles in the content security policy.
export default defineConfig({
  plugins: [svelte({ compilerOptions: { css: 'external' } }), viteSingleFile({ removeViteModuleLoader: true })],
  build: { target: 'es2022', modulePreload: false, reportCompressedSize: false, chunkSizeWarningLimit: 1000 },
});
