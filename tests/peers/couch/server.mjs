// A server of CouchDB's protocol on LevelDB: express-pouchdb, with the routes that PouchDB needs and no others.
// node server.mjs FOLDER durable|as-shipped: prints its URL when it listens.
import expressPouchDB from "express-pouchdb";
import leveldown from "leveldown";
import PouchDB from "pouchdb";

const [folder, durability] = process.argv.slice(2);

// PouchDB's LevelDB adapter never asks for `sync`: what it has acknowledged can be lost with the power. A write that is only a checkpoint of replication
// may be lost without loss of documents, so it goes without.
function synced(location) {
  const level = leveldown(location);
  const batch = level._batch;
  level._batch = function (writes, options, done) {
    const sync = writes.some(({ key }) => !String(key).startsWith("\u00fflocal-store\u00ff"));
    return batch.call(this, writes, { ...options, sync }, done);
  };
  return level;
}
synced.destroy = leveldown.destroy;

const Databases = PouchDB.defaults({ prefix: `${folder}/`, ...(durability === "durable" && { db: synced }) });
// Answers are not compressed: the devices that measure ours do not ask for it.
const app = expressPouchDB(Databases, { mode: "minimumForPouchDB", overrideMode: { exclude: ["compression"] } });
const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
