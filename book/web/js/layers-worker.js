// What the layers of the paper's network make of a photograph, computed away from the page.

import { loopOf, needed, run, unpacked } from "./network.js";
import { resizePhoto } from "./resize.js";

/** @typedef {import("./network.js").Maps} Maps */
/** @typedef {{side: number, steps: import("./network.js").Step[]}} Network */

const STATIC = new URL("../", import.meta.url);

/** @param {string} path below _static */
async function got(path) {
  const response = await fetch(new URL(path, STATIC)).catch(() => undefined);
  if (response?.ok) return response;
  throw new Error("This layer could not be loaded. Is there a network?");
}

/** @template T @param {Map<string, Promise<T>>} all @param {string} name @param {() => Promise<T>} make */
function once(all, name, make) {
  const made = all.get(name) ?? make();
  all.set(name, made);
  made.catch(() => all.delete(name)); // to be tried again
  return made;
}

/** @type {Map<string, Promise<any>>} */
const parts = new Map();
/** @type {Map<string, Promise<ArrayBuffer>>} */
const weights = new Map();
/** What was computed, by photograph and step. @type {Map<string, Promise<Map<number, Maps>>>} */
const photographs = new Map();

/** @type {() => Promise<Network>} */
const network = () => once(parts, "network", async () => (await got("layers/paper.json")).json());
const loop = () => once(parts, "loop", async () => loopOf(await (await got("model/convolution.wasm")).arrayBuffer()));

/** A photograph as the network reads it: gray, three times, in [0, 1]. @param {string} file @param {number} side */
async function input(file, side) {
  const bitmap = await createImageBitmap(await (await got(`sample/${file}`)).blob());
  const { width, height } = bitmap;
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    new OffscreenCanvas(width, height).getContext("2d")
  );
  context.drawImage(bitmap, 0, 0);
  const rgb = resizePhoto(context.getImageData(0, 0, width, height).data, width, height, side, side);
  const gray = (/** @type {number} */ i) => Math.round(0.299 * rgb[i] + 0.587 * rgb[i + 1] + 0.114 * rgb[i + 2]) / 255;
  const data = Float32Array.from(rgb, (_, i) => gray(i - (i % 3)));
  return new Map([[0, { height: side, width: side, channels: 3, data }]]);
}

/** @param {number} job @param {string} file of the photograph @param {number} last the step whose maps are wanted */
async function maps(job, file, last) {
  const { side, steps } = await network();
  const layers = needed(steps, last).filter((i) => steps[i].file);
  const total = layers.reduce((sum, i) => sum + (steps[i].bytes ?? 0), 0);
  let loaded = 0;
  const kept = once(photographs, file, () => input(file, side));
  const held = await Promise.all(
    layers.map(async (i) => {
      const name = steps[i].file ?? "";
      const content = await once(weights, name, async () =>
        unpacked(await (await got(`layers/${name}`)).arrayBuffer()),
      );
      loaded += steps[i].bytes ?? 0;
      self.postMessage({ job, loaded, total });
      return /** @type {const} */ ([name, content]);
    }),
  );
  const files = new Map(held);
  const known = await kept;
  const found = run(
    await loop(),
    steps,
    /** @type {Maps} */ (known.get(0)),
    (name) => files.get(name) ?? new ArrayBuffer(),
    last,
    known,
  );
  self.postMessage({ job, maps: found });
}

self.onmessage = ({ data: { job, file, step } }) => {
  maps(job, file, step).catch((error) =>
    self.postMessage({ job, failed: error instanceof Error ? error.message : String(error) }),
  );
};
