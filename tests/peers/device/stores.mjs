// The peers: each keeps the same customers as its users would, with the pinyin initials by which people search as a field of its own.
//
// fill(rows): durable, as far as the library can, when it resolves. readAll(): every row in memory, as an array. get(id), put(row).
// ofOwner(owner), search(words): rows. What a peer cannot do it lacks.
import { Dexie } from "dexie";
import IndexedDbAdapter from "pouchdb-adapter-indexeddb";
import PouchDB from "pouchdb-core";
import PouchFind from "pouchdb-find";
import { createRxDatabase } from "rxdb";
import { getRxStorageDexie } from "rxdb/plugins/storage-dexie";

PouchDB.plugin(IndexedDbAdapter).plugin(PouchFind);

const STRICT = "strict";
// Rows that a list shows of a search.
const MOST_FOUND = 200;
// Batches as the libraries' own guides advise.
const AT_ONCE = 5_000;
const SEGMENT = 256;

const matches = (words) => (row) => row.profile.name.includes(words) || row.initials.includes(words) || row.profile.phones[0].includes(words);
const escaped = (words) => words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const anyField = (words) => ({ $or: ["profile.name", "initials", "phone"].map((field) => ({ [field]: { $regex: escaped(words) } })) });

function* batches(rows, size) {
  for (let first = 0; first < rows.length; first += size) yield rows.slice(first, first + size);
}

// A request's or a transaction's end as a promise.
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = request.oncomplete = () => resolve(request.result);
    request.onerror = request.onabort = () => reject(request.error);
  });

async function openBare(name, make) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => make(request.result);
  return done(request);
}

class Bare {
  static durability = STRICT;

  static async open() {
    const store = new Bare();
    store.database = await openBare("bare", (database) => database.createObjectStore("rows", { keyPath: "id" }).createIndex("owner", "owner"));
    return store;
  }

  static forget = () => done(indexedDB.deleteDatabase("bare"));

  async fill(rows) {
    const tx = this.database.transaction("rows", "readwrite", { durability: STRICT });
    const store = tx.objectStore("rows");
    for (const row of rows) store.put(row);
    await done(tx);
  }

  readAll = () => done(this.rows().getAll());
  get = (id) => done(this.rows().get(id));
  put = (row) => this.fill([row]);
  ofOwner = (owner) => done(this.rows().index("owner").getAll(owner));

  // The rows kept in an array.
  async search(words) {
    this.kept ??= await this.readAll();
    const found = [];
    const match = matches(words);
    for (const row of this.kept) if (match(row) && found.push(row) === MOST_FOUND) break;
    return found;
  }

  rows = () => this.database.transaction("rows").objectStore("rows");
}

class Segments {
  static durability = STRICT;

  static async open() {
    const store = new Segments();
    store.database = await openBare("segments", (database) => database.createObjectStore("segments", { autoIncrement: true }));
    return store;
  }

  static forget = () => done(indexedDB.deleteDatabase("segments"));

  async fill(rows) {
    const tx = this.database.transaction("segments", "readwrite", { durability: STRICT });
    const store = tx.objectStore("segments");
    for (const segment of batches(rows, SEGMENT)) store.put(segment);
    await done(tx);
  }

  readAll = async () => (await done(this.database.transaction("segments").objectStore("segments").getAll())).flat();
}

class DexiePeer {
  static durability = STRICT;

  static async open() {
    const store = new DexiePeer();
    const database = new Dexie("dexie", { chromeTransactionDurability: STRICT });
    database.version(1).stores({ customers: "id, owner" });
    store.customers = (await database.open()).table("customers");
    return store;
  }

  static forget = () => Dexie.delete("dexie");

  fill = (rows) => this.customers.bulkPut(rows);
  readAll = () => this.customers.toArray();
  get = (id) => this.customers.get(id);
  put = (row) => this.customers.put(row);
  ofOwner = (owner) => this.customers.where("owner").equals(owner).toArray();
  search = (words) => this.customers.filter(matches(words)).limit(MOST_FOUND).toArray();
}

class PouchPeer {
  // The adapter opens its transactions without a word on durability: Chromium's default is relaxed.
  static durability = "relaxed";

  static async open() {
    const store = new PouchPeer();
    store.database = new PouchDB("pouch", { adapter: "indexeddb" });
    await store.database.info();
    return store;
  }

  static forget = () => new PouchDB("pouch", { adapter: "indexeddb" }).destroy();

  async fill(rows) {
    for (const some of batches(rows, AT_ONCE)) {
      const answers = await this.database.bulkDocs(some.map((row) => ({ ...row, _id: row.id, phone: row.profile.phones[0] })));
      const failed = answers.find((answer) => answer.error);
      if (failed) throw new Error(failed.message);
    }
  }

  readAll = async () => (await this.database.allDocs({ include_docs: true })).rows.map((row) => row.doc);
  get = (id) => this.database.get(id);
  put = (row) => this.database.put(row);

  async makeIndexes() {
    await this.database.createIndex({ index: { fields: ["owner"] } });
    await this.ofOwner("");
  }

  ofOwner = async (owner) => (await this.database.find({ selector: { owner }, limit: 1_000_000 })).docs;
  search = async (words) => (await this.database.find({ selector: anyField(words), limit: MOST_FOUND })).docs;
}

class RxPeer {
  static durability = STRICT;

  static async open() {
    const storage = getRxStorageDexie({ chromeTransactionDurability: STRICT });
    const database = await createRxDatabase({ name: "rx", storage, multiInstance: false });
    const text = { type: "string" };
    const key = { type: "string", maxLength: 36 };
    const schema = {
      version: 0,
      primaryKey: "id",
      type: "object",
      properties: {
        id: key,
        owner: key,
        team: text,
        profile: { type: "object", additionalProperties: true, properties: { name: text } },
        created_at: text,
        changed_at: text,
        initials: text,
        phone: text,
      },
      required: ["id", "owner"],
      indexes: ["owner"],
    };
    const store = new RxPeer();
    store.database = database;
    store.customers = (await database.addCollections({ customers: { schema } })).customers;
    return store;
  }

  static forget = async () => (await RxPeer.open()).database.remove();

  async fill(rows) {
    for (const some of batches(rows, AT_ONCE)) {
      const { error } = await this.customers.bulkInsert(some.map((row) => ({ ...row, phone: row.profile.phones[0] })));
      if (error.length > 0) throw new Error(`RxDB refused ${error.length} rows`);
    }
  }

  readAll = () => this.customers.find().exec();
  get = async (id) => (await this.customers.findOne(id).exec()).toMutableJSON();
  put = (row) => this.customers.upsert(row);
  ofOwner = (owner) => this.customers.find({ selector: { owner } }).exec();
  search = (words) => this.customers.find({ selector: anyField(words), limit: MOST_FOUND }).exec();
}

export const peers = { bare: Bare, segments: Segments, dexie: DexiePeer, pouch: PouchPeer, rx: RxPeer };
