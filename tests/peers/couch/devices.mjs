// Devices with PouchDB in memory that replicate to the server or from it. The figures are one line of JSON.
//
// node devices.mjs fill DATABASE DOCUMENTS: all of them, plainly
// node devices.mjs push DATABASE DOCUMENTS DEVICES AT_ONCE: each device holds an equal part before the clock runs, and replicates it in batches
// node devices.mjs due DATABASE DOCUMENTS DEVICES AT_ONCE RATE: each device saves and replicates a batch when it is due, so many documents a second in all
// node devices.mjs pull DATABASE: one device that holds nothing
//
// DOCUMENTS has a document on each line.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as passed } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import PouchDB from "pouchdb";
import memory from "pouchdb-adapter-memory";

// With the server's own thread enough to keep two cores busy.
const THREADS = 2;
// Larger batches than PouchDB's 100 make a first pull faster.
const PULLED_AT_ONCE = 1000;

PouchDB.plugin(memory);

// Node's own fetch keeps connections open, as browsers do; the one that PouchDB brings opens one for every request.
const remote = (url) => new PouchDB(url, { fetch: (...request) => fetch(...request) });
const local = (name) => new PouchDB(name, { adapter: "memory" });

if (isMainThread) {
  const [verb, url, file, ...numbers] = process.argv.slice(2);
  const documents = file ? readFileSync(file, "utf8").trim().split("\n") : [];
  const verbs = { fill, push: together, due: together, pull };
  console.log(JSON.stringify(await verbs[verb]({ verb, url, documents, numbers: numbers.map(Number) })));
  process.exit(0);
} else {
  await devicesOf(workerData);
}

async function fill({ url, documents }) {
  const began = performance.now();
  for (let first = 0; first < documents.length; first += 1000) {
    await remote(url).bulkDocs(documents.slice(first, first + 1000).map((line) => JSON.parse(line)));
  }
  await holds(url, documents.length);
  return { seconds: took(began), documents: documents.length, waits: [] };
}

async function pull({ url }) {
  const began = performance.now();
  const { docs_written } = await local("fresh").replicate.from(remote(url), { batch_size: PULLED_AT_ONCE });
  return { seconds: took(began), documents: docs_written, waits: [] };
}

// Devices share the threads; the clock runs from when all are ready until the last is done.
async function together({ verb, url, documents, numbers: [count, atOnce, rate] }) {
  await remote(url).info();
  const each = documents.length / count;
  const devices = Array.from({ length: count }, (_, place) => ({ place, documents: documents.slice(place * each, (place + 1) * each) }));
  const between = (1000 * atOnce * count) / rate;
  const threads = Array.from({ length: THREADS }, (_, thread) => {
    const its = devices.filter(({ place }) => place % THREADS === thread).map((device) => ({ ...device, offset: (between * device.place) / count }));
    return new Worker(fileURLToPath(import.meta.url), { workerData: { verb, url, devices: its, atOnce, between } });
  });
  const answers = async () => (await Promise.all(threads.map((thread) => once(thread, "message")))).flat(2);
  await answers();
  const began = performance.now();
  threads.forEach((thread) => thread.postMessage("go"));
  const waits = await answers();
  const seconds = took(began);
  await holds(url, documents.length);
  return { seconds, documents: documents.length, waits };
}

async function holds(url, count) {
  const { doc_count } = await remote(url).info();
  if (doc_count !== count) throw new Error(`the server holds ${doc_count} of ${count} documents`);
}

function took(began) {
  return (performance.now() - began) / 1000;
}

async function devicesOf({ verb, url, devices, atOnce, between }) {
  const ready = [];
  for (const { place, documents, offset } of devices) {
    const [device, whole] = [local(`device${place}`), documents.map((line) => JSON.parse(line))];
    if (verb === "push") await device.bulkDocs(whole);
    ready.push({ device, documents: whole, offset });
  }
  parentPort.postMessage([]);
  await once(parentPort, "message");
  const began = performance.now();
  const run = ({ device, documents, offset }) =>
    verb === "push" ? pushAll(device, remote(url), atOnce) : pushWhenDue(device, remote(url), documents, atOnce, began + offset, between);
  parentPort.postMessage((await Promise.all(ready.map(run))).flat());
  parentPort.close();
}

// A batch counts from the end of the one before it: the question what the server lacks, the documents, the checkpoints.
async function pushAll(device, server, atOnce) {
  const waits = [];
  let since = performance.now();
  const replication = device.replicate.to(server, { batch_size: atOnce });
  replication.on("change", () => {
    const now = performance.now();
    waits.push(now - since);
    since = now;
  });
  await replication;
  return waits;
}

// What is saved together counts from when it was due until the server has acknowledged it. Replicating once for it takes 6 requests;
// PouchDB's live replication would make three batches of ten documents, with 12.
async function pushWhenDue(device, server, documents, atOnce, first, between) {
  const waits = [];
  for (let saved = 0; saved < documents.length; saved += atOnce) {
    const due = first + (between * saved) / atOnce;
    await passed(Math.max(0, due - performance.now()));
    await device.bulkDocs(documents.slice(saved, saved + atOnce));
    let acknowledged = due;
    const replication = device.replicate.to(server, { batch_size: atOnce });
    replication.on("change", () => (acknowledged = performance.now()));
    await replication;
    waits.push(acknowledged - due);
  }
  return waits;
}
