// Trunk's last step (post_build): turns what Trunk staged into what is served.
//
// 1. Trunk's inline module script becomes a file: the page allows no inline scripts (Content-Security-Policy).
// 2. The style sheets become one file.
// 3. Files are named after their final bytes: Trunk names them before wasm-opt, so one name could have two contents.
// 4. sw.js gets the list of all files with their SHA-256, but of those in install/: only the browser's own dialogues and menus show them.
// 5. In a release build everything that shrinks gets .br and .gz siblings.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = process.env.TRUNK_STAGING_DIR;
const release = process.env.TRUNK_PROFILE === "release";
if (!dist) throw new Error("finish-dist.mjs is run by Trunk (Trunk.toml, hooks)");

let page = readFileSync(join(dist, "index.html"), "utf8");
moveScript();
joinStyles();
nameByContent();
writeFileSync(join(dist, "index.html"), page);
const version = writePrecache();
if (release) compress();
console.log(`dist: build ${version}${release ? ", compressed" : ""}`);

function moveScript() {
  const found = page.match(/<script type="module"[^>]*>([\s\S]*?)<\/script>/);
  if (!found) throw new Error("Trunk's module script is not in index.html");
  writeFileSync(join(dist, "start.js"), found[1].trim() + "\n");
  page = page.replace(found[0], '<script type="module" src="/start.js"></script>');
}

function joinStyles() {
  const links = [...page.matchAll(/\s*<link rel="stylesheet" href="\/([^"]+)"[^>]*>/g)];
  const styles = links.map(([, file]) => readFileSync(join(dist, file), "utf8").trim());
  writeFileSync(join(dist, "app.css"), styles.join("\n") + "\n");
  links.forEach(([link, file], index) => {
    rmSync(join(dist, file));
    page = page.replace(link, index === 0 ? '\n    <link rel="stylesheet" href="/app.css" />' : "");
  });
}

// What is named in other files comes first: WASM, then the scripts that load it, then what starts them.
function nameByContent() {
  // A worker's loader keeps its name, because the app asks for it by name; it only says which files to load.
  const byName = (ending) => readdirSync(dist).filter((file) => file.endsWith(ending) && file !== "sw.js" && file !== "boot.js");
  const ours = [...byName(".wasm"), ...byName(".js").filter((file) => file !== "start.js" && !file.endsWith("_loader.js")), "start.js", "app.css"];
  for (const file of ours) {
    const plain = file.replace(/-[0-9a-f]{16}/, "");
    const hash = sha256(readFileSync(join(dist, file))).slice(0, 16);
    const dot = plain.lastIndexOf(".");
    const named = `${plain.slice(0, dot)}-${hash}${plain.slice(dot)}`;
    renameSync(join(dist, file), join(dist, named));
    for (const other of byName(".js")) {
      const text = readFileSync(join(dist, other), "utf8");
      if (text.includes(file)) writeFileSync(join(dist, other), text.replaceAll(file, named));
    }
    page = page.replaceAll(`/${file}"`, `/${named}"`);
  }
}

function writePrecache() {
  const files = all(dist)
    .filter((path) => path !== "/sw.js" && !path.startsWith("/install/"))
    .map((path) => [path === "/index.html" ? "/" : path, sha256(readFileSync(join(dist, path)))]);
  const worker = readFileSync(join(dist, "sw.js"), "utf8");
  // The worker's own text counts too: two workers never share a cache, so that a failed one can drop only its own.
  const version = sha256(JSON.stringify(files) + worker).slice(0, 16);
  writeFileSync(join(dist, "sw.js"), `const PRECACHE = ${JSON.stringify({ version, files }, null, 1)};\n${worker}`);
  return version;
}

function compress() {
  for (const path of all(dist).filter((path) => !/\.(png|jpg|webp|woff2)$/.test(path))) {
    const bytes = readFileSync(join(dist, path));
    const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
    const gzip = gzipSync(bytes, { level: 9 });
    if (brotli.length < bytes.length) writeFileSync(join(dist, `${path}.br`), brotli);
    if (gzip.length < bytes.length) writeFileSync(join(dist, `${path}.gz`), gzip);
  }
}

function all(folder) {
  const found = readdirSync(folder).sort().flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? all(path) : [path];
  });
  return found.map((path) => (path.startsWith(dist) ? "/" + relative(dist, path).split(sep).join("/") : path));
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
