import { defineConfig } from "vite";

// The built page lies inside the Python package, which serves it; nothing is inlined, so that no inline script,
// style or data address has to be allowed.
export default defineConfig({
  build: {
    outDir: "../src/ovcf/server/page",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rollupOptions: { input: ["index.html", "worklist.html"] },
  },
});
