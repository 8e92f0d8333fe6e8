// What the bench asks of its page: each verb gives milliseconds. Ours is called as the peers are, and by the same clock.
import init, * as replica from "/ours/app.js";
import { peers } from "./stores.mjs";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
// As a person's taps have.
const BREATH_MS = 100;

async function timed(act) {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

const opened = {};
const open = async (name) => (opened[name] ??= await peers[name].open());

const lines = async (path) => (await (await fetch(path)).text()).split("\n");

// The server's answers as they come over the line.
async function answers(count) {
  const all = new Uint8Array(await (await fetch(`/pages/${count}`)).arrayBuffer());
  const pages = [];
  for (let begin = 0; begin < all.length; ) {
    const end = all.indexOf(10, begin);
    pages.push(all.slice(begin, end < 0 ? all.length : end));
    begin = end < 0 ? all.length : end + 1;
  }
  return pages;
}

// As the server's answers bring them, with the initials that a peer's users would make by a library: those are there before the clock runs.
const parsed = (pages, initials) => {
  const text = new TextDecoder();
  let at = 0;
  return pages.flatMap((page) => JSON.parse(text.decode(page)).page.rows.map((row) => ({ ...row.body, initials: initials[at++] })));
};

// From the bytes of the server's answers to durable rows, in a fresh database.
async function fill(name, count) {
  const pages = await answers(count);
  if (name === "ours") {
    await replica.forget();
    await pause(1_000);
    return timed(() => replica.store(pages, 1n));
  }
  const initials = await lines(`/initials/${count}`);
  await peers[name].forget();
  const store = await open(name);
  await pause(1_000);
  return timed(() => store.fill(parsed(pages, initials)));
}

// On a fresh page: everything in memory; ours also as a list, and searchable.
async function read(name, count) {
  if (name === "ours") {
    const memory = await timed(replica.open);
    let rows;
    const list = await timed(() => (rows = replica.makeList()));
    const searchable = await timed(replica.makeSearchable);
    held(rows, count);
    return { memory, list: memory + list, searchable: memory + list + searchable };
  }
  let rows;
  const memory = await timed(async () => (rows = await (await open(name)).readAll()));
  held(rows.length, count);
  window.kept = rows;
  return { memory };
}

function held(rows, count) {
  if (rows !== count) throw new Error(`${rows} rows instead of ${count}`);
}

// One customer changed, durable; a breath before each.
async function writes(name, ids) {
  const times = [];
  for (const id of ids) {
    const needs = `第${times.length}次：${Math.random()}`;
    if (name === "ours") {
      await pause(BREATH_MS);
      times.push(await timed(() => replica.edit(id, needs)));
    } else {
      const store = await open(name);
      const row = await store.get(id);
      await pause(BREATH_MS);
      times.push(await timed(() => store.put({ ...row, profile: { ...row.profile, needs } })));
    }
  }
  return times;
}

async function byOwner(name, owners, each) {
  const store = name === "ours" ? { ofOwner: replica.ofOwner } : await open(name);
  const times = [];
  for (const owner of owners) {
    let found;
    times.push(await timed(async () => (found = await store.ofOwner(owner))));
    held(found.length ?? found, each);
  }
  return times;
}

async function search(name, typed) {
  const store = name === "ours" ? { search: replica.search } : await open(name);
  await store.search("不在");
  const times = [];
  for (const words of typed) {
    let found;
    times.push(await timed(async () => (found = await store.search(words))));
    if ((found.length ?? found) === 0) throw new Error(`${name} finds nobody`);
  }
  return times;
}

const makeIndexes = async (name) => timed(async () => (await open(name)).makeIndexes());

// Check-ins, or bare puts of the same bytes.
async function checkIns(isBare, first, count) {
  const times = [];
  for (let number = first; number < first + count; number++) {
    await pause(BREATH_MS);
    const id = `check-in ${number}`;
    const bytes = replica.checkInBytes(number).buffer;
    const act = isBare ? async () => (await open("bare")).put({ id, bytes }) : () => replica.checkIn(number);
    times.push(await timed(act));
  }
  return times;
}

async function storeGuests(count, withLetters) {
  await replica.forget();
  await replica.storeGuests(count, withLetters);
}

const clock = () => performance.timeOrigin + performance.now();

// Check-ins in this tab, until another one shows them: from the tap, and from when they were durable here.
async function follow(first, count) {
  const other = window.open("/");
  while (!other.bench) await pause(10);
  await Promise.all([replica.open(), other.bench.replica.open()]);
  await pause(1_000);
  const [fromTap, fromSaved] = [[], []];
  for (let number = first; number < first + count; number++) {
    await pause(BREATH_MS);
    const shown = other.bench.shows(replica.shownCheckIns() + 1);
    const tapped = clock();
    await replica.checkIn(number);
    const saved = clock();
    const at = await shown;
    fromTap.push(at - tapped);
    fromSaved.push(at - saved);
  }
  other.close();
  return { fromTap, fromSaved };
}

// When this tab shows so many check-ins.
async function shows(count) {
  while (replica.shownCheckIns() < count) await pause(1);
  return clock();
}

// A log of which two thirds are dead.
async function storeThrice(count) {
  await replica.forget();
  await replica.store(await answers(count), 3n);
}

// The driver tidies the log by itself, as soon as it has nothing else to do: what is dead leaves it, and rows are given their gists. Gives how
// long that took, and the longest task meanwhile.
async function tidy() {
  await replica.open();
  let longest = 0;
  const observer = new PerformanceObserver((list) => list.getEntries().forEach((entry) => (longest = Math.max(longest, entry.duration))));
  await pause(0);
  observer.observe({ type: "longtask" });
  const took = await timed(async () => {
    while (!replica.isTidy()) await pause(5);
  });
  await pause(200);
  return { took, longest };
}

await init({ module_or_path: "/ours/app_bg.wasm" });
window.bench = { fill, read, writes, byOwner, search, makeIndexes, checkIns, storeGuests, follow, shows, storeThrice, tidy, replica };
