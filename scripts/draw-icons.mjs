// Draws the PNG icons of public/icons from its two SVGs, and those of the manifest's shortcuts (public/install) from npm's lucide-static,
// with the Chromium that is installed. Run it after changing a drawing or a shortcut.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shrunk } from "./shrink-png.mjs";

const own = (name) => readFileSync(`public/icons/${name}.svg`, "utf8");
// White on a disc in the accent colour: it stands on light and dark menus.
const onDisc = (name) => {
  const drawing = readFileSync(`node_modules/lucide-static/icons/${name}.svg`, "utf8");
  const lines = drawing.slice(drawing.indexOf(">", drawing.indexOf("<svg")) + 1, drawing.indexOf("</svg>"));
  const style = 'fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><circle cx="24" cy="24" r="24" fill="#3449b8"/><g transform="translate(12 12)" ${style}>${lines}</g></svg>`;
};
const wanted = [
  [own("icon"), 192, "icons/icon-192"],
  [own("icon"), 512, "icons/icon-512"],
  [own("maskable"), 192, "icons/maskable-192"],
  [own("maskable"), 512, "icons/maskable-512"],
  [own("maskable"), 180, "icons/apple-touch-icon"],
  [onDisc("map-pin"), 96, "install/venue"],
  [onDisc("users"), 96, "install/customers"],
  [onDisc("phone-call"), 96, "install/calls"],
  [onDisc("user-plus"), 96, "install/new-customer"],
];
const folder = mkdtempSync(join(tmpdir(), "icons-"));
const drawings = wanted.map(([drawing, size]) => ({ size, source: `data:image/svg+xml;base64,${Buffer.from(drawing).toString("base64")}` }));
const page = `<pre></pre><script>
const draw = async ({ source, size }) => {
  const image = new Image(size, size);
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  canvas.getContext("2d").drawImage(image, 0, 0, size, size);
  return canvas.toDataURL("image/png");
};
Promise.all(${JSON.stringify(drawings)}.map(draw)).then((urls) => (document.querySelector("pre").textContent = urls.join("\\n")));
</script>`;
writeFileSync(join(folder, "page.html"), page);
const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const html = execFileSync("chromium", [...flags, `--user-data-dir=${folder}/profile`, "--virtual-time-budget=5000", "--dump-dom", `file://${folder}/page.html`], { encoding: "utf8", maxBuffer: 1e8, stdio: ["ignore", "pipe", "ignore"] });
const urls = html.slice(html.indexOf("<pre>") + 5, html.indexOf("</pre>")).trim().split("\n");
wanted.forEach(([, size, name], index) => {
  const bytes = shrunk(Buffer.from(urls[index].split(",")[1], "base64"));
  writeFileSync(`public/${name}.png`, bytes);
  console.log(`public/${name}.png: ${size} px, ${bytes.length} bytes`);
});
rmSync(folder, { recursive: true, force: true });
