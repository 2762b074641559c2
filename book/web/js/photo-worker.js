// Decodes, colors and encodes photographs away from the page, which stays responsive. Nothing leaves the browser.

import { alternatives } from "./alternatives.js";
import { said } from "./hint-files.js";
import { Spread } from "./hints.js";
import { modelOf, own, theLoop } from "./models.js";
import { ownNetwork } from "./own-network.js";
import { bmp, stamped, unreadable } from "./photo-files.js";
import { chromaOf, grayOf, kindOf, networkInput, recolorRows, widened } from "./recolor.js";
import { answerOf } from "./what-it-did.js";
import * as zoom from "./zoom.js";

/** @typedef {import("./recolor.js").Chroma} Chroma */
/** @typedef {{saturation: number, hints: import("./hints.js").Hint[]}} Wishes What the reader wants of the colors. */
/** @typedef {{job: number, photo: ImageData, small?: ImageData, spread: Spread, result: ImageData, made: string, model: import("./models.js").Model, input: {L: Float32Array, width: number, height: number}, others?: Others}} Work `small`: for previews; `made`: the wishes that `result` follows; `input`: of the model */
/** @typedef {() => Record<string, import("./hints.js").Hint[]>} Others Finds other likely colors; there are none where a model gives no odds. */

const MOST_PIXELS = 100e6;
const PAUSE = 60; // milliseconds of work between two looks at what the page wants
const PREVIEW_PIXELS = 640 * 480; // of the picture that follows a hint under the finger: as wide as the page shows it
const LEAST_PIXELS = 160 * 120; // of it on a slow device
const PREVIEW_TIME = 40; // milliseconds that it may take

/** @type {Work | undefined} */
let work; // what the page shows
/** @type {Work | undefined} */
let next; // what it will show, unless the reader wants something else by then
let wanted = 0; // the number of the newest job; older ones stop

/** @param {Record<string, unknown>} message @param {Transferable[]} [given] away with it */
const tell = (message, given = []) => self.postMessage(message, { transfer: given });

class Stopped extends Error {}

/** Let messages in; stop if the page wants something else by now. @param {number} job */
async function pause(job) {
  await new Promise((resolve) => setTimeout(resolve));
  if (job !== wanted) throw new Stopped();
}

/** The model of a name; the page is told how much of it has come. @param {string} name */
const ready = (name) =>
  modelOf(name, (loaded, total) =>
    tell({ type: "loading", model: name, fraction: Math.min(1, loaded / total), megabytes: total / 1e6 }),
  );

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

/** Tell how far a job is. @param {number} job @param {string} step @param {number} fraction */
const progress = (job, step, fraction) => tell({ type: "progress", job, step, fraction });

/** The pixels of a file, upright. @param {number} job @param {Blob} file */
async function read(job, file) {
  const original = await decode(file);
  const { context } = surface(original.width, original.height);
  context.drawImage(original, 0, 0);
  const photo = context.getImageData(0, 0, original.width, original.height);
  original.close();
  await pause(job);
  return photo;
}

/** What a model answers for a photograph. @param {number} job @param {ImageData} photo @param {import("./models.js").Model} model */
async function ask(job, photo, { about, predict }) {
  progress(job, "Asking the network", 0.3);
  const input = networkInput(photo, about);
  await pause(job);
  const output = predict(input.L, input.width, input.height).data;
  await pause(job);
  return { input, chroma: chromaOf(output, input.width, input.height, about) };
}

/** @param {number} job @param {Blob} file @param {string} name of the model @param {Wishes} wishes */
async function color(job, file, name, wishes) {
  progress(job, "Reading the photograph", 0);
  const model = await ready(name);
  await pause(job);
  const photo = await read(job, file);
  progress(job, "Making it gray", 0.15);
  const gray = new ImageData(photo.width, photo.height);
  grayOf(photo, gray);
  await pause(job);
  const { input, chroma } = await ask(job, photo, model);
  const grid = { ...chroma, L: input.L.map((value) => 100 * value) };
  const spread = new Spread(grid);
  const kind = kindOf(photo, input.small);
  const result = await colored(photo, widened(spread.answer(wishes.hints), photo.width), wishes.saturation, job);
  const others = othersOf(model, grid, input.L);
  next = { job, photo, spread, result, made: JSON.stringify(wishes), model, input, others };
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
      grid,
      model: name,
      others: others !== undefined,
      ...wishes,
    },
  });
}

/** Color one photograph of several and hand out its file; nothing of it stays here. @param {number} job @param {Blob} file @param {string} name of the model */
async function colorOne(job, file, name) {
  const model = await ready(name);
  await pause(job);
  const photo = await read(job, file);
  const { chroma } = await ask(job, photo, model);
  const result = await colored(photo, widened(chroma, photo.width), 1, job);
  const format = file.type === "image/jpeg" ? file.type : "image/png";
  tell({ type: "saved", job, blob: await encoded(result, format, model.about.stamps, []), model: name });
}

/** Take a network of the reader's own, when it has shown what it can. @param {number} job @param {File} file @param {string[]} taken names */
async function bring(job, file, taken) {
  progress(job, `Checking ${file.name}`, 0.3);
  await pause(job);
  const { model, facts } = await ownNetwork(file, taken, theLoop);
  await pause(job);
  own(facts.name, model);
  tell({ type: "brought", job, facts });
}

/** @param {import("./models.js").Model} model @param {import("./hints.js").Grid} grid @param {Float32Array} L / 100 @returns {Others | undefined} */
function othersOf({ about: { steps, chroma_scale }, predict }, grid, L) {
  const mean = steps.find(({ kind }) => kind === "mean color");
  if (!mean) return undefined;
  /** @type {ReturnType<Others> | undefined} */
  let found;
  return () => {
    const scores = () => predict(L, grid.width, grid.height, mean.reads[0]);
    const colors = (mean.colors ?? []).map((ab) => ab.map((value) => value * chroma_scale));
    return (found ??= alternatives(grid, scores(), colors));
  };
}

/** Color what is shown anew. @param {Work} work @param {Wishes} wishes @param {number} job */
async function recolor(work, wishes, job) {
  const wide = widened(work.spread.answer(wishes.hints), work.photo.width);
  const result = await colored(work.photo, wide, wishes.saturation, job);
  Object.assign(work, { result, made: JSON.stringify(wishes) });
  tell({ type: "colored", job, picture: bmp(result) });
}

/** Color a copy that is small enough to be colored at once; the next one is smaller where this one took long. @param {Work} work @param {Wishes} wishes @param {number} job */
async function preview(work, wishes, job) {
  work.small ??= await within(work.photo, PREVIEW_PIXELS);
  const { width, height } = work.small;
  const start = performance.now();
  const result = new ImageData(width, height);
  recolorRows(work.small, widened(work.spread.answer(wishes.hints), width), wishes.saturation, result, 0, height);
  const { canvas, context } = surface(width, height);
  context.putImageData(result, 0, 0);
  const picture = canvas.transferToImageBitmap();
  tell({ type: "previewed", job, picture }, [picture]);
  const pixels = (width * height * PREVIEW_TIME) / (performance.now() - start);
  if (pixels < width * height) work.small = await within(work.small, Math.max(LEAST_PIXELS, pixels));
}

/** A photograph of at most so many pixels. @param {ImageData} photo @param {number} pixels */
async function within(photo, pixels) {
  const scale = Math.sqrt(pixels / (photo.width * photo.height));
  if (scale >= 1) return photo;
  const [width, height] = [photo.width, photo.height].map((side) => Math.max(1, Math.round(scale * side)));
  const resized = await createImageBitmap(photo, { resizeWidth: width, resizeHeight: height, resizeQuality: "medium" });
  const { context } = surface(width, height);
  context.drawImage(resized, 0, 0);
  resized.close();
  return context.getImageData(0, 0, width, height);
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

/** @param {Work} work @param {string} format a MIME type @param {Wishes} wishes @param {number} job */
async function save(work, format, wishes, job) {
  if (work.made !== JSON.stringify(wishes)) await recolor(work, wishes, job);
  tell({ type: "saved", job, blob: await encoded(work.result, format, work.model.about.stamps, wishes.hints) });
}

/** Pixels as a file that says what colored them. @param {ImageData} pixels @param {string} format a MIME type @param {import("./photo-files.js").Stamps} stamps @param {import("./hints.js").Hint[]} hints */
async function encoded(pixels, format, stamps, hints) {
  const { canvas, context } = surface(pixels.width, pixels.height);
  context.putImageData(pixels, 0, 0);
  if (format === "image/jpeg") {
    context.globalCompositeOperation = "destination-over"; // JPEG knows no transparency, and would make it black
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  return stamped(await canvas.convertToBlob({ type: format, quality: 0.95 }), stamps, said(hints));
}

self.onmessage = async ({ data, ports: [port] }) => {
  const { type, job, saturation, hints } = data;
  const wishes = { saturation, hints };
  wanted = job;
  try {
    if (type === "load") {
      await ready(data.model);
      tell({ type: "loaded", job });
    }
    if (type === "bring") await bring(job, data.file, data.taken);
    if (type === "forget") own(data.model);
    if (type === "color") await color(job, data.file, data.model, wishes);
    if (type === "color one") await colorOne(job, data.file, data.model);
    if (type === "shown" && next?.job === job) {
      work = next;
      zoom.close();
    }
    if (type === "zoom" && work) zoom.answer(port, work.model, work.input);
    if (type === "recolor" && work) await recolor(work, wishes, job);
    if (type === "preview" && work) await preview(work, wishes, job);
    if (type === "other" && work?.others) tell({ type: "other", job, hints: work.others()[data.side] });
    if (type === "save" && work) await save(work, data.format, wishes, job);
  } catch (error) {
    if (!(error instanceof Stopped))
      tell({
        type: "failed",
        job,
        name: type === "bring" ? data.file.name : undefined,
        reason: error instanceof Error ? error.message : String(error),
      });
  }
};
