// How long the review page takes until its first clip plays: node e2e/first_clip.mjs URL RUNS. Each run is a new browser profile: nothing is kept.
import { launch } from "./support.mjs";

const [url, runs] = process.argv.slice(2);
const { open, finish } = await launch();
const took = [];
for (let run = 0; run <= Number(runs); run++) {
  const page = await open({ language: "zh" });
  page.expected(404, "/evidence/"); // what is prefetched behind the items that have a clip
  await page.goto(new URL("/review", url).href);
  await page.waitForFunction(() => performance.getEntriesByName("review:first-clip").length > 0, null, { timeout: 60_000 });
  took.push(await page.evaluate(() => performance.getEntriesByName("review:first-clip")[0].startTime));
  await page.context().close();
}
await finish();
// The first one pays for what the service reads once.
const [first, ...rest] = took;
const sorted = [...rest].sort((a, b) => a - b);
const at = (share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
console.log(`  first clip: first ${first.toFixed(0)}, p50 ${at(0.5).toFixed(0)}, p95 ${at(0.95).toFixed(0)} ms after the page was asked for`);
