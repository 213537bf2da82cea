// Lets the console open without network and be installed: registers the service worker of the built console.

/** Registers it and tells it which files this page has loaded already. Nothing happens where a browser has none (plain HTTP). */
export async function startWorker(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/sw.js", { scope: "/" });
    const { active } = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map((entry) => new URL(entry.name));
    active?.postMessage({ keep: loaded.filter((url) => url.origin === window.location.origin).map((url) => url.pathname) });
  } catch {
    // The console works without it, with network.
  }
}
