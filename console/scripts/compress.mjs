// Compresses what was built, once and slowly, so that the service only picks a file (api/console.py).
// node scripts/compress.mjs [FOLDER]: writes NAME.gz and NAME.br beside each file in FOLDER/assets that gets smaller by it.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const WORTH_IT = 1024;
const assets = join(process.argv[2] ?? new URL("../../api/static", import.meta.url).pathname, "assets");
for (const name of readdirSync(assets).filter((file) => /\.(js|css|svg|json|wasm)$/.test(file))) {
  const content = readFileSync(join(assets, name));
  if (content.length < WORTH_IT) continue;
  writeFileSync(join(assets, `${name}.gz`), gzipSync(content, { level: 9 }));
  writeFileSync(join(assets, `${name}.br`), brotliCompressSync(content));
}
