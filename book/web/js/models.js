// The networks that color photographs, each loaded when it is asked for, and kept.

import { loopOf, run, unpacked } from "./network.js";

/** @typedef {import("./recolor.js").About & {steps: import("./network.js").Step[], stamps: import("./photo-files.js").Stamps}} About What stands beside a network: see book/web_files.py. */
/** @typedef {import("./network.js").Maps} Maps */
/** @typedef {{about: About, weights: ArrayBuffer, predict: (L: Float32Array, width: number, height: number, last?: number, kept?: Map<number, Maps>) => Maps}} Model `predict` runs it up to its last step, or to another: see `run` */
/** @typedef {(loaded: number, total: number) => void} Tell is told how many bytes have come */

const STATIC = new URL("../", import.meta.url);
const NEWER = 409; // see keep-worker.js
const LOOP = "model/convolution.wasm";

/** What has been asked for, by its name; two models can share a file. @type {Map<string, Promise<any>>} */
const parts = new Map();

/** @template T @param {string} name @param {() => Promise<T>} make @returns {Promise<T>} */
function once(name, make) {
  const part = parts.get(name) ?? make();
  parts.set(name, part);
  part.catch(() => parts.delete(name)); // to be tried again
  return part;
}

/** @param {string} path below _static */
async function got(path) {
  const response = await fetch(new URL(path, STATIC)).catch(() => undefined);
  if (response?.ok) return response;
  if (response?.status === NEWER)
    throw new Error("A newer version of this page is there. Load the page anew, and then this model.");
  throw new Error(
    `The model could not be loaded (${path}${response ? `: ${response.status}` : ""}). Is there a network?`,
  );
}

/** Weights, unpacked. @param {string} path @param {Tell} tell */
async function weightsOf(path, tell) {
  const response = await got(path);
  const total = Number(response.headers.get("content-length"));
  const pieces = [];
  const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body).getReader();
  let loaded = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    pieces.push(piece.value);
    loaded += piece.value.length;
    tell(loaded, total);
  }
  return unpacked(await new Blob(pieces).arrayBuffer());
}

/** What runs all of them. */
export const theLoop = () => once(LOOP, async () => loopOf(await (await got(LOOP)).arrayBuffer()));

/** @param {string} name @param {Tell} tell @returns {Promise<Model>} */
async function load(name, tell) {
  const loop = theLoop();
  loop.catch(() => {}); // told below, where it is needed
  /** @type {About} */
  const about = await (await got(`model/${name}.json`)).json();
  const file = `model/${about.steps.find((step) => step.file)?.file}`;
  const [ready, weights] = await Promise.all([loop, once(file, () => weightsOf(file, tell))]);
  return runnable(ready, about, weights);
}

/** A network that is ready to run. @param {import("./network.js").Loop} loop @param {About} about @param {ArrayBuffer} weights @returns {Model} */
export function runnable(loop, about, weights) {
  return {
    about,
    weights,
    predict: (data, width, height, last, kept) =>
      run(loop, about.steps, { height, width, channels: 1, data }, () => weights, last, kept),
  };
}

/** A model, loaded once; after a failure the next photograph tries again. @param {string} name @param {Tell} tell */
export const modelOf = (name, tell) => once(name, () => load(name, tell));

/** Take a model of the reader's own, or let go of it. @param {string} name @param {Model} [model] */
export function own(name, model) {
  if (model) parts.set(name, Promise.resolve(model));
  else parts.delete(name);
}
