// The odds of a photograph's colors, and the photograph as their annealed mean, computed away from the page.

import { modelOf } from "./models.js";
import { enlarge, meanColor } from "./network.js";
import { chromaOf, networkInput, recolorRows } from "./recolor.js";

/** @typedef {import("./network.js").Maps} Maps */

const STATIC = new URL("../", import.meta.url);

/** What is shown: the photograph as the network saw it, and the logarithms of the odds. @type {{file: string, photo: ImageData, scores: Maps} | undefined} */
let shown;

/** A photograph of the sample, in pixels. @param {string} file */
async function pixelsOf(file) {
  const response = await fetch(new URL(`sample/${file}`, STATIC)).catch(() => undefined);
  if (!response?.ok) throw new Error("This photograph could not be loaded. Is there a network?");
  const bitmap = await createImageBitmap(await response.blob());
  const { width, height } = bitmap;
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    new OffscreenCanvas(width, height).getContext("2d")
  );
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height);
}

/** @param {{file: string, model: string, temperature: number}} asked */
async function answer({ file, model, temperature }) {
  const { about, predict } = await modelOf(model, (loaded, total) => self.postMessage({ loaded, total }));
  const last = about.steps.findIndex(({ kind }) => kind === "mean color");
  const { colors = [], factor = 1 } = { ...about.steps[last], ...about.steps[last + 1] };
  let scores;
  if (shown?.file !== file) {
    const { L, small, width, height } = networkInput(await pixelsOf(file), about);
    const photo = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) photo.data.set([...small.subarray(3 * i, 3 * i + 3), 255], 4 * i);
    scores = predict(L, width, height, about.steps[last].reads[0]);
    shown = { file, photo, scores };
  }
  const { photo } = shown;
  const { data } = enlarge(meanColor({ ...about.steps[last], temperature }, shown.scores), factor);
  const picture = new ImageData(photo.width, photo.height);
  recolorRows(photo, chromaOf(data, photo.width, photo.height, about), 1, picture, 0, photo.height);
  const lab = colors.map(([a, b]) => [a * about.chroma_scale, b * about.chroma_scale]);
  self.postMessage({ picture, odds: scores && { scores, colors: lab, factor } });
}

self.onmessage = ({ data }) => {
  answer(data).catch((error) => self.postMessage({ failed: error instanceof Error ? error.message : String(error) }));
};
