// How evenly the rotation board is drawn: frames of ten seconds while its countdown runs, then while it is scrolled.
// node e2e/frames.mjs URL [PICTURE]: prints one line each. The service must let whoever asks in (sign-in off).
import { DESK, launch } from "./support.mjs";

const [url, picture] = process.argv.slice(2);
const SECONDS = 10;

const { open, finish } = await launch();
const page = await open({ language: "zh", viewport: DESK });
await page.goto(`${url}/rotation`);
await page.locator(".rotation-canvas").waitFor({ timeout: 60_000 });
await page.waitForFunction(() => (document.querySelector(".rotation-canvas")?.height ?? 0) > 0);
if (picture) await page.screenshot({ path: picture });

/** Milliseconds between frames; `scroll`: pixels a frame. */
const intervals = (scroll) =>
  page.evaluate(
    ([seconds, by]) =>
      new Promise((done) => {
        const window_ = document.querySelector(".rotation-cells");
        const found = [];
        let before = null;
        let down = by;
        const begun = performance.now();
        const frame = (now) => {
          if (before !== null) found.push(now - before);
          before = now;
          if (by > 0) {
            if (window_.scrollTop + window_.clientHeight >= window_.scrollHeight - 1) down = -by;
            if (window_.scrollTop <= 0) down = by;
            window_.scrollTop += down;
          }
          if (now - begun < seconds * 1000) requestAnimationFrame(frame);
          else done(found);
        };
        requestAnimationFrame(frame);
      }),
    [SECONDS, scroll],
  );

for (const [what, scroll] of [["counting down", 0], ["scrolling", 12]]) {
  const found = (await intervals(scroll)).sort((a, b) => a - b);
  const at = (share) => found[Math.min(found.length - 1, Math.floor(found.length * share))].toFixed(1);
  const slow = found.filter((ms) => ms > 20).length;
  const shown = await page.locator(".rotation-tools .muted").textContent();
  console.log(`${what}: ${shown}; ${(found.length / SECONDS).toFixed(1)} frames a second, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, ${((100 * slow) / found.length).toFixed(1)} % over 20 ms`);
}
await finish();
