// Decodes, colors and encodes photographs away from the page, which stays responsive. Nothing leaves the browser.

import { loopOf, run, unpacked } from "./network.js";
import { stamped, unreadable } from "./photo-files.js";
import { chromaOf, grayOf, kindOf, networkInput, recolorRows, widened } from "./recolor.js";
import { answerOf } from "./what-it-did.js";

/** @typedef {import("./recolor.js").About} About */
/** @typedef {import("./recolor.js").Chroma} Chroma */
/** @typedef {{job: number, photo: ImageData, wide: Chroma, saturation: number, result: ImageData}} Work */

const STATIC = new URL("../", import.meta.url);
const MODEL = "model/colorizer";
const LOOP = "model/convolution.wasm";
const MOST_PIXELS = 100e6;
const PAUSE = 60; // milliseconds of work between two looks at what the page wants
const BMP_HEADER = 14 + 108; // bytes: the file's, and that of version 4, which can say where alpha is

/** @type {Promise<(L: Float32Array, width: number, height: number) => Float32Array> | undefined} */
let network;
/** @type {About & {steps: import("./network.js").Step[]}} */
let about;
/** @type {import("./photo-files.js").Stamps} */
let stamps;
/** @type {Work | undefined} */
let work; // what the page shows
/** @type {Work | undefined} */
let next; // what it will show, unless the reader wants something else by then
let wanted = 0; // the number of the newest job; older ones stop

/** @param {Record<string, unknown>} message */
const tell = (message) => self.postMessage(message);

class Stopped extends Error {}

/** Let messages in; stop if the page wants something else by now. @param {number} job */
async function pause(job) {
  await new Promise((resolve) => setTimeout(resolve));
  if (job !== wanted) throw new Stopped();
}

/** The body's bytes. @param {Response} response @param {(bytes: number) => void} onbytes */
async function bytesOf(response, onbytes) {
  const parts = [];
  const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    onbytes(part.value.length);
  }
  return new Blob(parts).arrayBuffer();
}

/** Load the network and what runs it, telling the page how far it is. */
async function load() {
  const facts = Promise.all(["json", "stamps.json"].map(async (end) => (await got(`${MODEL}.${end}`)).json()));
  const loop = got(LOOP).then(async (response) => loopOf(await response.arrayBuffer()));
  for (const promise of [facts, loop]) promise.catch(() => {}); // told below, where they are needed
  const response = await got(`${MODEL}.bin`);
  const total = Number(response.headers.get("content-length"));
  let loaded = 0;
  const file = await bytesOf(response, (bytes) => {
    loaded += bytes;
    tell({ type: "loading", fraction: Math.min(1, loaded / total), megabytes: total / 1e6 });
  });
  [about, stamps] = await facts;
  const [ready, weights] = [await loop, await unpacked(file)];
  return (/** @type {Float32Array} */ data, /** @type {number} */ width, /** @type {number} */ height) =>
    run(ready, about.steps, { height, width, channels: 1, data }, () => weights).data;
}

/** The network, loaded once; after a failure the next photograph tries again. */
function ready() {
  network ??= load().catch((error) => {
    network = undefined;
    throw error;
  });
  return network;
}

/** @param {string} path below _static */
async function got(path) {
  const response = await fetch(new URL(path, STATIC)).catch(() => undefined);
  if (response?.ok) return response;
  throw new Error(
    `The model could not be loaded (${path}${response ? `: ${response.status}` : ""}). Is there a network?`,
  );
}

/** @param {Blob} file @returns {Promise<ImageBitmap>} upright */
async function decode(file) {
  if (!file.size) throw new Error("This file is empty.");
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => undefined);
  if (!bitmap) throw new Error(await unreadable(file));
  const pixels = bitmap.width * bitmap.height;
  if (pixels > MOST_PIXELS) {
    bitmap.close();
    throw new Error(
      `This picture has ${Math.round(pixels / 1e6)} million pixels; ` +
        `at most ${MOST_PIXELS / 1e6} million can be colored here. Make it smaller.`,
    );
  }
  return bitmap;
}

/** @param {number} width @param {number} height */
function surface(width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("Your browser has no room for a picture of this size. Make it smaller.");
  return { canvas, context };
}

/**
 * Pixels as a file that the page can show. BMP holds them as they are, so that nothing has to be computed here, and
 * browsers read it beside the page's own work.
 * @param {ImageData} pixels
 */
function bmp({ width, height, data }) {
  const header = new DataView(new ArrayBuffer(BMP_HEADER));
  const put = (/** @type {number} */ at, /** @type {number[]} */ values) =>
    values.forEach((value, i) => header.setUint32(at + 4 * i, value, true));
  header.setUint16(0, 0x4d42, true); // "BM"
  put(2, [BMP_HEADER + data.length, 0, BMP_HEADER, BMP_HEADER - 14, width]);
  header.setInt32(22, -height, true); // negative: the first row is the top one
  put(26, [(32 << 16) | 1, 3, data.length, 0, 0, 0, 0]); // 32 bits a pixel, placed as the masks say
  put(54, [0xff, 0xff00, 0xff0000, 0xff000000, 0x73524742]); // R, G, B, alpha; in sRGB
  return new Blob([header, data], { type: "image/bmp" });
}

/** @param {number} job @param {Blob} file @param {number} saturation */
async function color(job, file, saturation) {
  const said = (/** @type {string} */ step, /** @type {number} */ fraction) =>
    tell({ type: "progress", job, step, fraction });
  said("Reading the photograph", 0);
  const predict = await ready();
  await pause(job);
  const original = await decode(file);
  const { context } = surface(original.width, original.height);
  context.drawImage(original, 0, 0);
  const photo = context.getImageData(0, 0, original.width, original.height);
  original.close();
  await pause(job);
  said("Making it gray", 0.15);
  const gray = new ImageData(photo.width, photo.height);
  grayOf(photo, gray);
  await pause(job);
  said("Asking the network", 0.3);
  const input = networkInput(photo, about);
  await pause(job);
  const output = predict(input.L, input.width, input.height);
  await pause(job);
  const chroma = chromaOf(output, input.width, input.height, about);
  const wide = widened(chroma, photo.width);
  const kind = kindOf(photo, input.small);
  const result = await colored(photo, wide, saturation, job);
  next = { job, photo, wide, saturation, result };
  tell({
    type: "colored",
    job,
    picture: bmp(result),
    photograph: {
      width: photo.width,
      height: photo.height,
      gray: bmp(gray),
      kind,
      original: kind === "gray" ? undefined : file,
      answer: answerOf({ ...chroma, L: input.L }),
    },
  });
}

/** Color what is shown anew. @param {Work} work @param {number} saturation @param {number} job */
async function recolor(work, saturation, job) {
  const result = await colored(work.photo, work.wide, saturation, job);
  Object.assign(work, { saturation, result });
  tell({ type: "colored", job, picture: bmp(result) });
}

/** A photograph with its colors. @param {ImageData} photo @param {Chroma} wide @param {number} saturation @param {number} job */
async function colored(photo, wide, saturation, job) {
  const result = new ImageData(photo.width, photo.height);
  const rows = Math.max(1, Math.floor(2 ** 16 / photo.width));
  let last = performance.now();
  for (let top = 0; top < photo.height; top += rows) {
    recolorRows(photo, wide, saturation, result, top, Math.min(top + rows, photo.height));
    if (performance.now() - last < PAUSE) continue;
    tell({ type: "progress", job, step: "Coloring", fraction: 0.4 + (0.6 * top) / photo.height });
    await pause(job);
    last = performance.now();
  }
  return result;
}

/** @param {Work} work @param {string} format a MIME type @param {number} saturation @param {number} job */
async function save(work, format, saturation, job) {
  if (work.saturation !== saturation) await recolor(work, saturation, job);
  const { canvas, context } = surface(work.result.width, work.result.height);
  context.putImageData(work.result, 0, 0);
  if (format === "image/jpeg") {
    context.globalCompositeOperation = "destination-over"; // JPEG knows no transparency, and would make it black
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  const blob = await canvas.convertToBlob({ type: format, quality: 0.95 });
  tell({ type: "saved", job, blob: await stamped(blob, stamps) });
}

self.onmessage = async ({ data }) => {
  const { type, job } = data;
  wanted = job;
  try {
    if (type === "load") {
      await ready();
      tell({ type: "loaded", job });
    }
    if (type === "color") await color(job, data.file, data.saturation);
    if (type === "shown" && next?.job === job) work = next;
    if (type === "recolor" && work) await recolor(work, data.saturation, job);
    if (type === "save" && work) await save(work, data.format, data.saturation, job);
  } catch (error) {
    if (!(error instanceof Stopped))
      tell({ type: "failed", job, reason: error instanceof Error ? error.message : String(error) });
  }
};
