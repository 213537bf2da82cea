// How much script a browser loads before somebody can work: what index.html loads, the chosen language, and a role's start page.
// node scripts/size.mjs [FOLDER]: prints kB after gzip, fails above the limit. FOLDER: the built console.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 300;
const folder = process.argv[2] ?? new URL("../../api/static", import.meta.url).pathname;
const listed = join(folder, ".vite/manifest.json");
if (!existsSync(listed)) throw new Error(`${listed} is missing: build the console first (npm run build)`);
const manifest = JSON.parse(readFileSync(listed, "utf8"));

// The start pages are the lines of the page table that name a role.
const table = readFileSync(new URL("../src/shell/pages.ts", import.meta.url), "utf8");
const starts = [...table.matchAll(/\bhome: \[.*import\("\.\.\/(pages\/[^"]+)"\)/g)].map((line) => `src/${line[1]}/index.tsx`);

function chunks(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const next of manifest[key].imports ?? []) chunks(next, found);
  return found;
}

const weight = (keys) => [...keys].reduce((sum, key) => sum + gzipSync(readFileSync(join(folder, manifest[key].file))).length, 0) / 1000;

let over = false;
function say(what, keys, held) {
  const kb = weight(keys);
  over ||= held && kb > LIMIT_KB;
  console.log(`${kb.toFixed(1).padStart(7)} kB gzip  ${what}${held ? ` (at most ${LIMIT_KB})` : ""}${held && kb > LIMIT_KB ? ": TOO MUCH" : ""}`);
}

const { dynamicImports } = manifest["index.html"];
const first = [...chunks("index.html"), ...dynamicImports.filter((key) => key.includes("/locale/")).flatMap((key) => [...chunks(key)])];
say("sign-in and frame", new Set(first), true);
for (const page of dynamicImports.filter((key) => key.startsWith("src/pages/"))) say(page, new Set([...first, ...chunks(page)]), starts.includes(page));
for (const start of starts.filter((page) => !(page in manifest))) throw new Error(`the start page ${start} was not built`);
if (over) process.exit(1);
