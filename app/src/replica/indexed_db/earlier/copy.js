// A database as text, and back: its stores with their indexes, keys and values.

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const toText = (value) => {
  if (value instanceof ArrayBuffer) return { bytes: btoa(String.fromCharCode(...new Uint8Array(value))) };
  if (value !== null && typeof value === "object") return { fields: Object.fromEntries(Object.entries(value).map(([name, of]) => [name, toText(of)])) };
  return { plain: value };
};

const fromText = (value) => {
  if ("bytes" in value) return Uint8Array.from(atob(value.bytes), (letter) => letter.charCodeAt(0)).buffer;
  if ("fields" in value) return Object.fromEntries(Object.entries(value.fields).map(([name, of]) => [name, fromText(of)]));
  return value.plain;
};

export async function taken(name) {
  const database = await done(indexedDB.open(name));
  const names = [...database.objectStoreNames];
  const transaction = database.transaction(names);
  const stores = await Promise.all(
    names.map(async (name) => {
      const store = transaction.objectStore(name);
      const indexes = [...store.indexNames].map((name) => [name, store.index(name).keyPath]);
      const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
      return { name, autoIncrement: store.autoIncrement, indexes, rows: keys.map((key, at) => [key, toText(values[at])]) };
    }),
  );
  const text = JSON.stringify({ version: database.version, stores });
  database.close();
  return text;
}

export async function given(name, text) {
  const { version, stores } = JSON.parse(text);
  const opening = indexedDB.open(name, version);
  opening.onupgradeneeded = () => {
    for (const { name, autoIncrement, indexes, rows } of stores) {
      const store = opening.result.createObjectStore(name, { autoIncrement });
      for (const [index, keyPath] of indexes) store.createIndex(index, keyPath);
      for (const [key, value] of rows) store.put(fromText(value), key);
    }
  };
  (await done(opening)).close();
}
