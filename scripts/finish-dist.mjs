// Runs after every Trunk build, on the folder that becomes dist/:
//   1. Trunk's inline module script moves to a file: the server's content security policy allows no inline script.
//   2. The WASM is named after its final bytes: Trunk names it before wasm-opt, so one name could have two contents, and the server
//      lets browsers keep a hashed name for ever.
//   3. Release builds get .br and .gz siblings, which the server sends as they are.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = process.env.TRUNK_STAGING_DIR;
const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

let page = readFileSync(join(folder, "index.html"), "utf8");

for (const name of readdirSync(folder)) {
  const [, stem] = name.match(/^(.+)-[0-9a-f]{16}_bg\.wasm$/) ?? [];
  if (!stem) continue;
  const finalName = `${stem}-${hashOf(readFileSync(join(folder, name)))}_bg.wasm`;
  renameSync(join(folder, name), join(folder, finalName));
  page = page.replaceAll(name, finalName);
}

page = page.replace(/<script type="module"[^>]*>([^]*?)<\/script>/, (_, script) => {
  const name = `boot-${hashOf(script)}.js`;
  writeFileSync(join(folder, name), script);
  return `<script type="module" src="/${name}"></script>`;
});
if (/<script(?![^>]*\bsrc=)/.test(page)) throw new Error("index.html still holds an inline script, which the content security policy refuses");
writeFileSync(join(folder, "index.html"), page);

if (process.env.TRUNK_PROFILE === "release") {
  for (const name of readdirSync(folder, { recursive: true }).filter((name) => /\.(css|html|js|json|svg|wasm|webmanifest)$/.test(name))) {
    const bytes = readFileSync(join(folder, name));
    const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, brotli));
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  }
}
