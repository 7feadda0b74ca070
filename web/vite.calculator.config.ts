import { defineConfig, type Plugin } from "vite";

/** Puts the script and the styles into the page: one file that works from a disk, without a server. */
function oneFile(): Plugin {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle(_, bundle) {
      const html = bundle["calculator.html"];
      if (html?.type !== "asset") return;
      let text = String(html.source);
      for (const [name, part] of Object.entries(bundle)) {
        if (part.type === "chunk") {
          const tag = new RegExp(`<script type="module"[^>]*src="[^"]*${name}"[^>]*></script>`);
          const code = part.code.replaceAll("</script", "<\\/script");
          text = text
            .replace(tag, "")
            .replace("</body>", () => `<script type="module">${code}</script></body>`);
          delete bundle[name];
        } else if (name.endsWith(".css")) {
          const tag = new RegExp(`<link rel="stylesheet"[^>]*href="[^"]*${name}"[^>]*>`);
          text = text.replace(tag, () => `<style>${String(part.source)}</style>`);
          delete bundle[name];
        }
      }
      html.source = text;
    },
  };
}

/** Its words stand in the page, too: it loads nothing. */
function wordsInside(): Plugin {
  const loaded = '(await import("./zh")).default';
  return {
    name: "words-inside",
    enforce: "pre",
    transform(code, id) {
      if (!id.endsWith("/language/language.ts")) return null;
      if (!code.includes(loaded)) throw new Error(`language.ts no longer says ${loaded}`);
      return `import zh from "./zh";\n${code.replace(loaded, "zh")}`;
    },
  };
}

export default defineConfig({
  plugins: [wordsInside(), oneFile()],
  publicDir: false,
  build: {
    outDir: "../src/ovcf/server/page",
    emptyOutDir: false,
    modulePreload: { polyfill: false },
    target: "es2022",
    rollupOptions: { input: "calculator.html" },
  },
});
