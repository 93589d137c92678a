// Writes what our pages can show of Tabler's stylesheet, and a list of the selectors that it left
// out, which the browser tests look for: node bin/styles.mjs STYLESHEET LEFT_OUT
// A rule stays if its every class stands as a word somewhere in what can reach a page, so that
// too much is kept rather than too little. Called by bin/setup.py.
import { readFileSync, writeFileSync } from "node:fs";
import { PurgeCSS } from "purgecss";

const tabler = readFileSync("node_modules/@tabler/core/dist/css/tabler.min.css", "utf8");
const packages = ".venv/lib/python*/site-packages";
const [purged] = await new PurgeCSS().purge({
  css: [{ raw: tabler.replace(/\/\*# sourceMappingURL=.*$/m, "") }],
  content: [
    "templates/**/*.html",
    "static/js/*.js",
    "*/**/*.py",
    `${packages}/crispy_bootstrap5/**/*.html`,
    `${packages}/django_filters/templates/**/*.html`,
    `${packages}/django/forms/**/*.html`,
    `${packages}/django/forms/widgets.py`,
  ],
  skippedContentGlobs: ["tests/**", "benchmarks/**", "node_modules/**"],
  // Classes that are put together: "bg-{{ colour }}-lt", "btn-{{ tone }}", "avatar-{}".
  safelist: [/^bg-[a-z]+-lt$/, /^(alert|btn)-(primary|success|info|warning|danger)$/, /^avatar-/],
  keyframes: true,
  rejected: true,
});
const [, , stylesheet, leftOut] = process.argv;
writeFileSync(stylesheet, purged.css);
writeFileSync(leftOut, JSON.stringify(purged.rejected));
