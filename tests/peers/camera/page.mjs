// What the bench asks of its page: each decoder gives the text that it has read of a frame, and the milliseconds that it took. Ours works in its worker
// as it ships and tells its own time; the peers are timed around their one call. Each is given pixels of its own.
import jsQR from "jsqr";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

const WIDTH = 1280;
const HEIGHT = 720;

const worker = new Worker("/scanner_loader.js");
const answer = () => new Promise((done, failed) => ([worker.onmessage, worker.onerror] = [(event) => done(event.data), failed]));

const decoders = {
  async ours(pixels) {
    worker.postMessage({ width: WIDTH, height: HEIGHT, rgba: pixels.buffer }, [pixels.buffer]);
    const { codes, ms } = await answer();
    return [codes[0] ?? null, ms];
  },
  // One code is looked for, of one kind; the rest as the library has it: it tries hard, turned, inverted and made smaller.
  async zxing(pixels) {
    const image = new ImageData(pixels, WIDTH, HEIGHT);
    const begun = performance.now();
    const found = await readBarcodes(image, { formats: ["QRCode"], maxNumberOfSymbols: 1 });
    return [found[0]?.text ?? null, performance.now() - begun];
  },
  // Tickets are dark on light: what is asked for is what a ticket's reader needs.
  async jsqr(pixels) {
    const begun = performance.now();
    const found = jsQR(pixels, WIDTH, HEIGHT, { inversionAttempts: "dontInvert" });
    return [found?.data ?? null, performance.now() - begun];
  },
};

async function pixelsOf(frame) {
  const luma = new Uint8Array(await (await fetch(`/frames/${frame}`)).arrayBuffer());
  const pixels = new Uint8ClampedArray(luma.length * 4);
  luma.forEach((value, at) => pixels.set([value, value, value, 255], at * 4));
  return pixels;
}

// Every decoder reads every frame, in turns: who is first changes from frame to frame.
window.read = async (frame) => {
  const pixels = await pixelsOf(frame);
  const names = Object.keys(decoders);
  const results = {};
  for (let turn = 0; turn < names.length; turn++) {
    const name = names[(frame + turn) % names.length];
    results[name] = await decoders[name](pixels.slice());
  }
  return results;
};

await Promise.all([answer(), prepareZXingModule({ overrides: { locateFile: () => "/zxing_reader.wasm" }, fireImmediately: true })]);
window.ready = true;
