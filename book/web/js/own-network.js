// A network of the reader's own, from a file: read, checked and tried before it colors anything.

import { runnable } from "./models.js";
import { readOnnx } from "./onnx-file.js";
import { stepsOf } from "./onnx-network.js";
import { stampsOf } from "./photo-files.js";
import { chromaOf, networkInput, recolorRows, widened } from "./recolor.js";

/** @typedef {{name: string, recipe: string, course: string, bytes: number}} Facts of a network, for the menu */

const MOST_BYTES = 32e6;
const NEAR = 2; // of 255: how far colors may be from Python's
const LEAST_SHARE = 0.99; // of the pixels that are that near
const ABOUT = "colorize"; // where the file says what it is: see colorize_lib/photo/onnx_export.py
const FORMAT = 1;
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$/;
const VERSION = /^[\w.+-]{1,20}$/;
const EXPECTED = "expected a network that colorize export-onnx wrote";

/** Other kinds of files, by how they begin, with what to do. @type {[RegExp, string, string][]} */
const KINDS = [
  [/^\x89HDF/, "a weights file of Keras", "write it as one: colorize export-onnx NAME.onnx --model FILE.weights.h5"],
  [/^(\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|BM|....ftyp)/s, "a picture", "give it back its own ending to color it"],
  [/^PK/, "a zip file, as Keras and PyTorch save networks", "train with the course and export that"],
];

/** Why a network isn't taken: what was found, what was expected, what to do. */
export class Refused extends Error {}

/** @param {string} found @param {string} todo @param {string} [expected] @returns {never} */
function refuse(found, todo, expected = EXPECTED) {
  throw new Refused(`${found}; ${expected}; ${todo}.`);
}

/**
 * A network in a file, ready to color.
 * @param {Blob} file
 * @param {string[]} taken names of the course's own models
 * @param {() => Promise<import("./network.js").Loop>} loop is asked for when the file is sound
 * @returns {Promise<{model: import("./models.js").Model, facts: Facts}>}
 */
export async function ownNetwork(file, taken, loop) {
  const network = await read(file);
  const { about, tried } = aboutOf(network);
  askEnds(network);
  const { steps, weights, multiple } = translated(network);
  if (about.multiple % multiple)
    refuse(`sides in multiples of ${about.multiple}`, "export it again", `expected multiples of ${multiple}`);
  if (taken.includes(about.name)) about.name += " (yours)";
  const model = runnable(await loop(), { ...about, steps, stamps: stampsOf(about.name, about.course) }, weights);
  tryOut(model, tried);
  return { model, facts: { name: about.name, recipe: about.recipe, course: about.course, bytes: file.size } };
}

/** @param {Blob} file */
async function read(file) {
  if (!file.size) refuse("this file is empty", "export it again");
  const megabytes = (file.size / 1e6).toFixed(1);
  if (file.size > MOST_BYTES)
    refuse(`this file has ${megabytes} MB`, "take a smaller network", `expected at most ${MOST_BYTES / 1e6} MB`);
  const start = String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
  const kind = KINDS.find(([beginning]) => beginning.test(start));
  if (kind) refuse(`this file is ${kind[1]}`, kind[2]);
  try {
    return readOnnx(await file.arrayBuffer());
  } catch {
    return refuse("this file can't be read as ONNX, or is cut off", "copy or export it again");
  }
}

/** What the file says of itself. @param {any} network */
function aboutOf({ notes, producer }) {
  const by = producer ? ` by ${producer.slice(0, 30)}` : "";
  /** @type {any} */
  let said;
  try {
    said = JSON.parse(notes[ABOUT]);
  } catch {
    refuse(
      `this file is an ONNX network made${by} that doesn't say what it colors`,
      "train and export with the course",
    );
  }
  if (said?.format !== FORMAT)
    refuse(`this file has the format ${said?.format}`, "load this page anew, or export it again", `expected ${FORMAT}`);
  const { name, recipe, course, working_side, longest_side, multiple, chroma_scale, tried } = said;
  const sound =
    [name, recipe].every((one) => NAME.test(one)) &&
    VERSION.test(course) &&
    [working_side, longest_side, multiple].every((side) => Number.isInteger(side) && side > 0) &&
    working_side <= 512 && longest_side <= 2048 && multiple <= 64 && chroma_scale > 0; // prettier-ignore
  if (!sound) refuse("what this file says of its name, sizes and scale makes no sense", "export it again");
  return { about: { name, recipe, course, working_side, longest_side, multiple, chroma_scale }, tried };
}

/** @param {any} network */
function askEnds({ inputs, outputs, numbers }) {
  if (numbers.some((/** @type {{elsewhere: boolean}} */ { elsewhere }) => elsewhere))
    refuse("this file keeps its numbers in another file", "export it again, as one file");
  const said = (/** @type {import("./onnx-file.js").Value[]} */ values) =>
    values.map(({ name, dims }) => `${name.slice(0, 20)} [${dims.map((dim) => dim || "?").join(", ")}]`).join(" and ");
  const fits = (/** @type {import("./onnx-file.js").Value[]} */ values, /** @type {number} */ channels) =>
    values.length === 1 && values[0].kind === 1 && values[0].dims.length === 4 && values[0].dims[3] === channels;
  const wanted = "expected L [batch, height, width, 1] and ab [batch, height, width, 2]";
  const todo = "export a recipe that predicts a and b";
  if (!fits(inputs, 1)) refuse(`this network takes ${said(inputs) || "nothing"}`, todo, wanted);
  if (!fits(outputs, 2)) refuse(`this network gives ${said(outputs) || "nothing"}`, todo, wanted);
}

/** @param {any} network */
function translated(network) {
  try {
    return stepsOf(network);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return refuse(
      `this network has ${found}, which this page can't run`,
      "color with it by colorize photo, or train one that begins at pretrained",
    );
  }
}

/** Bytes in base64. @param {unknown} stored @param {number} count */
function bytesOf(stored, count) {
  try {
    const bytes = Uint8Array.from(atob(String(stored)), (letter) => letter.charCodeAt(0));
    if (bytes.length === count) return bytes;
  } catch {
    // said below
  }
  return refuse("this file lacks the picture to try the network on", "export it again");
}

/** Color the picture in the file, and see whether it becomes what Python made of it. @param {import("./models.js").Model} model @param {any} tried */
function tryOut({ about, predict }, tried) {
  const side = tried?.side;
  if (!(Number.isInteger(side) && side > 0 && side <= 256)) bytesOf(undefined, -1);
  const gray = bytesOf(tried.gray, side * side);
  const wanted = bytesOf(tried.colors, 3 * side * side);
  const photo = { width: side, height: side, data: new Uint8ClampedArray(4 * side * side).fill(255) };
  gray.forEach((value, i) => photo.data.fill(value, 4 * i, 4 * i + 3));
  const result = { ...photo, data: photo.data.slice() };
  const image = /** @type {ImageData} */ (/** @type {unknown} */ (photo));
  const { L, width, height } = networkInput(image, about);
  const output = predict(L, width, height).data;
  if (!output.every(Number.isFinite)) refuse("this network answers with what are no numbers (NaN)", "train it anew");
  const wide = widened(chromaOf(output, width, height, about), side);
  recolorRows(image, wide, 1, /** @type {any} */ (result), 0, side);
  let near = 0;
  for (let i = 0; i < side * side; i++)
    if ([0, 1, 2].every((c) => Math.abs(result.data[4 * i + c] - wanted[3 * i + c]) <= NEAR)) near++;
  const share = near / (side * side);
  if (share < LEAST_SHARE)
    refuse(
      `this network colors the picture in its file otherwise than Python did (${Math.round(100 * (1 - share))} % of the pixels)`,
      "export it again",
      `expected the same to ${NEAR} of 255`,
    );
}
