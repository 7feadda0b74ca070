import { defineConfig } from "vite";

// The built page lies inside the Python package, which serves it; nothing is inlined, so that no inline script,
// style or data address has to be allowed. Its addresses are relative: it may lie at the root of a server or deeper.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../src/ovcf/server/page",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rollupOptions: {
      input: ["index.html", "worklist.html", "patients.html", "studies.html", "cohort.html", "admin.html"],
    },
  },
});
