// Draws public/icons.svg: the sprite of the icons that app/src/components/icon.rs names, out of npm's lucide-static.
import { readFileSync, writeFileSync } from "node:fs";

const names = [...readFileSync("app/src/components/icon.rs", "utf8").matchAll(/^ {4}\w+ = "([\w-]+)",$/gm)].map((match) => match[1]);
const { version } = JSON.parse(readFileSync("node_modules/lucide-static/package.json", "utf8"));
const symbols = names.map((name) => {
  const drawing = readFileSync(`node_modules/lucide-static/icons/${name}.svg`, "utf8");
  const lines = drawing.slice(drawing.indexOf(">", drawing.indexOf("<svg")) + 1, drawing.indexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${lines.replace(/\s*\n\s*/g, "")}</symbol>`;
});
const sprite = [
  '<svg xmlns="http://www.w3.org/2000/svg">',
  `<!-- Lucide ${version}, ISC License. Copyright (c) Lucide Contributors; portions Copyright (c) Cole Bemis (Feather, MIT License). -->`,
  ...symbols,
  "</svg>",
];
writeFileSync("public/icons.svg", sprite.join("\n") + "\n");
console.log(`public/icons.svg: ${names.length} icons`);
