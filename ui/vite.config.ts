import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [svelte()],
  build: {
    // What WebKitGTK and the browsers of today know, `light-dark()` included.
    target: ['safari18', 'chrome125', 'firefox128'],
    modulePreload: { polyfill: false },
  },
});
