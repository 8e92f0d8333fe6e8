// Makes PNG files small: a palette of their 256 most frequent colours instead of four bytes for each point. Drawings and screens stay as they are,
// but for edges of letters in colours that are rare. Chromium's PNG only (8 bits, RGB or RGBA, not interlaced).
//
//   node scripts/shrink-png.mjs FILE…
import { readFileSync, writeFileSync } from "node:fs";
import { deflateSync, inflateSync } from "node:zlib";

const MOST = 256;

export function shrunk(png) {
  const { width, height, points } = read(png);
  const counts = new Map();
  for (const colour of points) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  // The transparent ones first: the list of their opacities ends with the last of them.
  const palette = [...counts.keys()]
    .sort((one, other) => counts.get(other) - counts.get(one))
    .slice(0, MOST)
    .sort((one, other) => opacity(one) - opacity(other));
  const places = new Map([...counts.keys()].map((colour) => [colour, nearest(palette, colour)]));
  const lines = Buffer.alloc((width + 1) * height);
  points.forEach((colour, at) => (lines[at + Math.floor(at / width) + 1] = places.get(colour)));
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const clear = palette.filter((colour) => opacity(colour) < 255);
  const parts = [["IHDR", head], ["PLTE", Buffer.from(palette.flatMap((colour) => channels(colour).slice(0, 3)))]];
  if (clear.length > 0) parts.push(["tRNS", Buffer.from(clear.map(opacity))]);
  parts.push(["IDAT", deflateSync(lines, { level: 9, memLevel: 9 })], ["IEND", Buffer.alloc(0)]);
  const small = Buffer.concat([png.subarray(0, 8), ...parts.map(([kind, data]) => part(kind, data))]);
  return small.length < png.length ? small : png;
}

function read(png) {
  let at = 8;
  let head;
  const data = [];
  while (at < png.length) {
    const length = png.readUInt32BE(at);
    const kind = png.toString("latin1", at + 4, at + 8);
    if (kind === "IHDR") head = png.subarray(at + 8, at + 8 + length);
    if (kind === "IDAT") data.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const size = { 2: 3, 6: 4 }[head[9]];
  if (head[8] !== 8 || !size || head[12] !== 0) throw new Error("not a PNG as Chromium writes it");
  const bytes = unfiltered(inflateSync(Buffer.concat(data)), width * size, height, size);
  const points = Array.from({ length: width * height }, (_, point) => {
    const [red, green, blue, alpha = 255] = bytes.subarray(point * size, point * size + size);
    return alpha === 0 ? 0 : ((red << 24) | (green << 16) | (blue << 8) | alpha) >>> 0;
  });
  return { width, height, points };
}

// Each line says how it was told by its neighbours: https://www.w3.org/TR/png-3/#9Filters
function unfiltered(bytes, line, height, size) {
  const plain = Buffer.alloc(line * height);
  for (let y = 0; y < height; y++) {
    const filter = bytes[y * (line + 1)];
    for (let x = 0; x < line; x++) {
      const here = y * line + x;
      const left = x < size ? 0 : plain[here - size];
      const up = y === 0 ? 0 : plain[here - line];
      const corner = x < size || y === 0 ? 0 : plain[here - line - size];
      plain[here] = bytes[y * (line + 1) + 1 + x] + [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
    }
  }
  return plain;
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [far, farUp, farCorner] = [left, up, corner].map((value) => Math.abs(guess - value));
  if (far <= farUp && far <= farCorner) return left;
  return farUp <= farCorner ? up : corner;
}

function nearest(palette, colour) {
  let [best, least] = [0, Infinity];
  palette.forEach((other, place) => {
    const far = channels(colour).reduce((sum, value, at) => sum + (value - channels(other)[at]) ** 2, 0);
    if (far < least) [best, least] = [place, far];
  });
  return best;
}

function channels(colour) {
  return [colour >>> 24, (colour >>> 16) & 255, (colour >>> 8) & 255, colour & 255];
}

function opacity(colour) {
  return colour & 255;
}

function part(kind, data) {
  const named = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

for (const file of process.argv[1].endsWith("shrink-png.mjs") ? process.argv.slice(2) : []) {
  const png = readFileSync(file);
  const small = shrunk(png);
  writeFileSync(file, small);
  console.log(`${file}: ${png.length} → ${small.length} bytes`);
}
