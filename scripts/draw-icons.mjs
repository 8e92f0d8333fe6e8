// Draws the PNG icons of public/icons from its two SVGs, with the Chromium that is installed. Run it after changing a drawing.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const wanted = [
  ["icon", 192, "icon-192"],
  ["icon", 512, "icon-512"],
  ["maskable", 192, "maskable-192"],
  ["maskable", 512, "maskable-512"],
  ["maskable", 180, "apple-touch-icon"],
];
const folder = mkdtempSync(join(tmpdir(), "icons-"));
const drawings = wanted.map(([drawing, size]) => ({ size, source: `data:image/svg+xml;base64,${readFileSync(`public/icons/${drawing}.svg`).toString("base64")}` }));
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
  const bytes = Buffer.from(urls[index].split(",")[1], "base64");
  writeFileSync(`public/icons/${name}.png`, bytes);
  console.log(`public/icons/${name}.png: ${size} px, ${bytes.length} bytes`);
});
rmSync(folder, { recursive: true, force: true });
