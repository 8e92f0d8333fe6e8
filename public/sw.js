// The service worker: the app opens with no network, from files that were checked byte by byte.
//
// Laws: PRECACHE (put before this text by scripts/finish-dist.mjs) names every file of one build with its SHA-256; either all of
// them are held or nothing changes. A new build waits until the person agrees. /api is never touched.
// A key is held in memory for a moment, so that a page that is loaded again need not ask for the passphrase; it cannot be read here.
// Listeners are registered at once: a worker that starts late would miss its events.

const PREFIX = "huixiao-";
const CACHE = PREFIX + PRECACHE.version;
// From one page's end to the next one's start.
const WARM_MS = 30_000;
let held;

self.addEventListener("install", (event) => event.waitUntil(hold()));
self.addEventListener("activate", (event) => event.waitUntil(dropOld().then(() => self.clients.claim())));
self.addEventListener("message", (event) => {
  if (event.data === "skip-waiting") self.skipWaiting();
  else if (event.data?.given) held = { ...event.data, until: Date.now() + WARM_MS };
  else if (event.data?.forget) held = undefined;
  else if (event.data?.want) event.ports[0]?.postMessage(held?.given === event.data.want && Date.now() < held.until ? held : null);
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = event.request.method === "GET" && url.origin === self.location.origin && !url.pathname.startsWith("/api/");
  if (ours) event.respondWith(answer(event.request, url));
});

async function answer(request, url) {
  const path = request.mode === "navigate" ? "/" : url.pathname;
  const cache = await caches.open(CACHE);
  // A page of the build before may still ask for its own files, so the older cache is looked through too.
  const held = (await cache.match(path)) ?? (request.mode === "navigate" ? undefined : await caches.match(path));
  return held ?? fetch(request);
}

async function hold() {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(PRECACHE.files.map(([path, hash]) => holdOne(cache, path, hash)));
  } catch (failure) {
    await caches.delete(CACHE);
    throw failure;
  }
}

async function holdOne(cache, path, hash) {
  const before = await caches.match(path);
  if (before && (await sha256(before.clone())) === hash) return cache.put(path, before);
  // The server answers an address with the page only to those who ask for a page.
  const accept = path === "/" ? "text/html" : "*/*";
  const response = await fetch(path, { cache: "no-cache", credentials: "same-origin", headers: { accept } });
  const right = response.ok && !response.redirected && (await sha256(response.clone())) === hash;
  // A captive portal answers 200 with its own page, and a server may hold another build already.
  if (!right) throw new Error(`not the file of this build: ${path}`);
  return cache.put(path, response);
}

async function sha256(response) {
  const digest = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Keeps this build and the one before it: other tabs may still show that one.
async function dropOld() {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
}
