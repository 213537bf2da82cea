// Keeps the console's own files on the device, so that it opens without network. Never an answer of the API, never evidence.
const SHELF = "console-1";
const START = "/";
const OWN = /^\/(assets\/|icon-[\w-]+\.png$|manifest\.webmanifest$)/;

self.addEventListener("install", (event) => {
  event.waitUntil(renewStart().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== SHELF) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (OWN.test(url.pathname)) event.respondWith(kept(request));
  else if (request.mode === "navigate" && !/^\/(api|evidence|answers|a|healthz|readyz|metrics)(\/|$)/.test(url.pathname)) event.respondWith(page(request));
});

// The page says which files it had loaded before this worker was there.
self.addEventListener("message", (event) => {
  const files = (event.data?.keep ?? []).filter((file) => typeof file === "string" && OWN.test(new URL(file, self.location.origin).pathname));
  event.waitUntil(caches.open(SHELF).then((shelf) => Promise.all(files.map(async (file) => (await shelf.match(file)) ?? shelf.add(file)))).catch(() => undefined));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    (async () => {
      const place = `/inbox/${event.notification.tag}`;
      const [open] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
      if (!open) return self.clients.openWindow(place);
      await open.focus();
      return open.navigate(place);
    })(),
  );
});

/** Names of built files change with their content: what is kept is right for ever. */
async function kept(request) {
  const shelf = await caches.open(SHELF);
  const found = await shelf.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await shelf.put(request, answer.clone());
  return answer;
}

/** A page is asked for anew, so that a new version is there at once; without network the last start page opens it. */
async function page(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok && answer.headers.get("content-type")?.startsWith("text/html")) void renewStart();
    return answer;
  } catch (error) {
    const start = await (await caches.open(SHELF)).match(START);
    if (start) return start;
    throw error;
  }
}

/** Keep the start page; when it has changed, the files of the version before go. */
async function renewStart() {
  try {
    const shelf = await caches.open(SHELF);
    const [before, answer] = [await shelf.match(START), await fetch(START)];
    if (!answer.ok) return;
    const [old, now] = [await before?.text(), await answer.clone().text()];
    if (old === now) return;
    if (old !== undefined) for (const file of await shelf.keys()) await shelf.delete(file);
    await shelf.put(START, answer);
  } catch {
    // No network: what is kept stays.
  }
}
