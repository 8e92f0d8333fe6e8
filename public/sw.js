// The service worker: the app opens with no network, from files that were checked byte by byte.
//
// Laws: PRECACHE (put before this text by scripts/finish-dist.mjs) names every file of one build with its SHA-256; either all of
// them are held or nothing changes. A new build waits until the person agrees. /api is never touched, nor are /i/, where guests answer, and /c/, where customers read: those pages are the server's.
// A key is held in memory for a moment, so that a page that is loaded again need not ask for the passphrase; it cannot be read here.
// What was recorded here and waits is sent while it is locked or no page is open: as letters sealed to the server, and files, which cannot be read here.
// Listeners are registered at once: a worker that starts late would miss its events.

const PREFIX = "huixiao-";
const CACHE = PREFIX + PRECACHE.version;
// The tag of what is to be sent once there is a network, where the browser offers that.
const LETTERS = "huixiao-letters";
const MOST_LETTERS = 100;
// Of all letters in a request, unless it is one alone, as in a push.
const MOST_BYTES = 1 << 20;
const TIMEOUT_MS = 60_000;
// How long a page that sends itself may take before the worker sends too.
const LOCK_MS = 5_000;
// From one page's end to the next one's start.
const WARM_MS = 30_000;
let held;

self.addEventListener("install", (event) => event.waitUntil(hold()));
self.addEventListener("activate", (event) => event.waitUntil(dropOld().then(() => self.clients.claim())));
self.addEventListener("sync", (event) => {
  if (event.tag === LETTERS) event.waitUntil(lastPerson().then((user) => user && post(user)));
});
self.addEventListener("message", (event) => {
  if (event.data === "skip-waiting") self.skipWaiting();
  else if (event.data?.given) held = { ...event.data, until: Date.now() + WARM_MS };
  else if (event.data?.forget) held = undefined;
  else if (event.data?.post) event.waitUntil(post(event.data.post).catch(() => "not now").then((became) => event.ports[0]?.postMessage(became)));
  else if (event.data?.check) event.waitUntil(check().catch(() => null).then((held) => event.ports[0]?.postMessage(held)));
  else if (event.data?.want) event.ports[0]?.postMessage(held?.given === event.data.want && Date.now() < held.until ? held : null);
});
// A notice that was tapped leads to the app where it is open, and opens it where it is not.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const show = (pages) => (pages.length > 0 ? pages[0].focus() : self.clients.openWindow("/"));
  event.waitUntil(self.clients.matchAll({ type: "window" }).then(show));
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = event.request.method === "GET" && url.origin === self.location.origin && !url.pathname.startsWith("/api/") && !url.pathname.startsWith("/i/") && !url.pathname.startsWith("/c/");
  if (ours) event.respondWith(answer(event.request, url));
});

async function answer(request, url, reach = fetch) {
  const path = request.mode === "navigate" ? "/" : url.pathname;
  const cache = await caches.open(CACHE);
  // A page of the build before may still ask for its own files, so the older cache is looked through too.
  const held = (await cache.match(path)) ?? (request.mode === "navigate" ? undefined : await caches.match(path));
  return held ?? reach(request);
}

// Whether the app would open with no network: every file is asked for as a page asks for it, may come from here only, and is read to its last byte.
async function check() {
  let missing = 0;
  for (const [path, hash] of PRECACHE.files) {
    const found = await answer({ mode: path === "/" ? "navigate" : "cors" }, new URL(path, self.location.origin), () => undefined);
    if (!found || (await sha256(found)) !== hash) missing += 1;
  }
  return { files: PRECACHE.files.length, missing };
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

// Sends a person's letters: "all", or "unable" where the rest can only be sent by the unlocked page. Anything else is an error, and may go well
// later. A page that is at it comes first; one that the browser has frozen would hold its lock for ever, and sending twice is right as well.
async function post(user) {
  let begun = false;
  const posting = async () => {
    begun = true;
    const database = await opened(`huixiao-sealed-${user}`);
    try {
      let became = "more";
      while (became === "more") became = await postSome(database, user);
      return (await postFiles(database, user)) ? became : "unable";
    } finally {
      database.close();
    }
  };
  if (!navigator.locks) return posting();
  const patience = AbortSignal.timeout(LOCK_MS);
  return navigator.locks.request(`huixiao-sync-${user}`, { signal: patience }, posting).catch((failure) => {
    if (begun) throw failure;
    return posting();
  });
}

// Sends the next letters; "more" if there may be more. Nothing is taken away: the unlocked page sends these commands again and hears what
// became of them, and the server knows them.
async function postSome(database, user) {
  const reading = database.transaction(["outbox", "meta"]);
  const [outbox, meta] = [reading.objectStore("outbox"), reading.objectStore("meta")];
  const [engine, start, posted] = await Promise.all(["engine", "start", "posted"].map((key) => given(meta.get(key))));
  const { client, incarnation, epoch } = fromJson(engine);
  const counts = posted?.incarnation === incarnation && posted.epoch === epoch;
  const rest = IDBKeyRange.lowerBound(start + (counts ? posted.last : 0), true);
  const [records, keys] = await Promise.all([given(outbox.getAll(rest, MOST_LETTERS)), given(outbox.getAllKeys(rest, MOST_LETTERS))]);
  // What has no letter waits for the page, and everything behind it.
  const without = records.findIndex((record) => !record.letter);
  const written = records.slice(0, without < 0 ? records.length : without).map((record, at) => ({ seq: keys[at] - start, uuid: record.uuid, sealed: toBase64(record.letter) }));
  let bytes = 0;
  const letters = written.filter(({ sealed }, at) => (bytes += sealed.length) <= MOST_BYTES || at === 0);
  if (letters.length === 0) return records.length === 0 ? "all" : "unable";
  const response = await fetch("/api/sync/letters", {
    ...request(user, "POST", "application/json"),
    body: JSON.stringify({ epoch: epoch ?? null, client, incarnation, sent_at: new Date().toISOString(), letters }),
  });
  // Logged out, or a letter that the server cannot open: only a person can help.
  if (response.status === 401 || response.status === 422) return "unable";
  if (!response.ok) throw new Error(`letters were answered with ${response.status}`);
  // A portal's page is no JSON.
  const { answer, outcomes } = await response.json();
  // A full disk, a database that is being moved, a command of a newer app: it goes well later.
  if (answer === "retry") throw new Error("the server cannot now");
  // A forked numbering or another history is for the page, which knows the cure.
  if (answer !== "done") return "unable";
  if (outcomes.length === 0) return "unable";
  // Not the last number that the server has ruled on: that may be one of a copy of this device, which has used the same numbers.
  await note(database, "posted", { incarnation, epoch, last: outcomes.at(-1).seq });
  return "more";
}

// Sends files whose commands the server knows; whether none is left. The page that is unlocked asks the server what it has.
async function postFiles(database, user) {
  const reading = database.transaction(["files", "meta"]);
  const meta = reading.objectStore("meta");
  const [files, engine, posted] = await Promise.all([given(reading.objectStore("files").getAll()), given(meta.get("engine")), given(meta.get("posted_files"))]);
  const { epoch } = fromJson(engine);
  const before = posted?.epoch === epoch ? posted.attachments : [];
  const unsent = files.map(fromJson).filter((file) => !file.sent_at);
  const sent = unsent.map((file) => file.attachment).filter((attachment) => before.includes(attachment));
  for (const { attachment, content } of unsent) {
    if (sent.includes(attachment)) continue;
    const record = await given(database.transaction("file_bytes").objectStore("file_bytes").get(attachment));
    // What an older app has stored, or before the server's key was known, waits for the page.
    if (!record?.letter) continue;
    const response = await fetch(`/api/files/${content.sha256}/sealed?attachment=${attachment}`, {
      ...request(user, "PUT", "application/octet-stream"),
      body: new Blob([record.letter, record.bytes]),
    });
    if (response.status === 401) return false;
    if (response.status === 422) continue;
    if (!response.ok) throw new Error(`a file was answered with ${response.status}`);
    const told = await response.json();
    if (told.answer !== "stored" || told.epoch !== epoch) continue;
    sent.push(attachment);
    await note(database, "posted_files", { epoch, attachments: sent });
  }
  return sent.length === unsent.length;
}

// With the cookie alone: the session's second secret is sealed, and these need none.
function request(user, method, type) {
  return {
    method,
    headers: { "content-type": type, "x-huixiao": "1", "huixiao-user": user },
    credentials: "same-origin",
    cache: "no-store",
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
}

function note(database, name, value) {
  const noting = database.transaction("meta", "readwrite", { durability: "strict" });
  noting.objectStore("meta").put(value, name);
  return new Promise((done, failed) => {
    noting.oncomplete = done;
    noting.onabort = () => failed(noting.error);
  });
}

async function lastPerson() {
  const database = await opened("huixiao-device");
  try {
    const device = await given(database.transaction("facts").objectStore("facts").get("device"));
    return device && fromJson(device).person?.user;
  } finally {
    database.close();
  }
}

function opened(name) {
  return new Promise((done, failed) => {
    const opening = indexedDB.open(name);
    // One that is not there must not come about without its stores.
    opening.onupgradeneeded = () => opening.transaction.abort();
    opening.onerror = () => failed(opening.error);
    opening.onsuccess = () => {
      opening.result.onversionchange = () => opening.result.close();
      done(opening.result);
    };
  });
}

function given(request) {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

function fromJson(bytes) {
  return JSON.parse(new TextDecoder().decode(bytes));
}

function toBase64(buffer) {
  const bytes = new Uint8Array(buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
