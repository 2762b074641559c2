// "What the model just did": L as it saw it, and a, b and chroma as it answered, for the reader's own photograph.

import { cssColor, fitGamut, labToRgb } from "./color.js";
import { h } from "./dom.js";

/** @typedef {{L: Float32Array, a: Float32Array, b: Float32Array, width: number, height: number}} Seen L / 100, a and b at working size. */

const PEAK = 60; // the chroma shown as white

/**
 * @param {Seen} seen
 * @param {(i: number) => [number, number, number]} lab
 * @param {string} label
 */
function map(seen, lab, label) {
  const { width, height } = seen;
  const canvas = h("canvas", { width, height, role: "img", "aria-label": label });
  const pixels = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const rgb = labToRgb(fitGamut(lab(i))).map((c) => Math.round(255 * c));
    pixels.data.set([...rgb, 255], 4 * i);
  }
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  return canvas;
}

/** @param {Float32Array} plane */
function mean(plane) {
  return plane.reduce((sum, value) => sum + value, 0) / plane.length;
}

/** @param {Seen} seen @returns {HTMLElement} */
export function explain(seen) {
  const { L, a, b, width, height } = seen;
  const chroma = a.map((value, i) => Math.hypot(value, b[i]));
  /** @type {[string, string, (i: number) => [number, number, number]][]} */
  const maps = [
    ["L", "What it saw: luminance, the only thing it was given", (i) => [100 * L[i], 0, 0]],
    ["a", "Its answer for a: green to magenta, at one lightness", (i) => [60, a[i], 0]],
    ["b", "Its answer for b: blue to yellow, at one lightness", (i) => [60, 0, b[i]]],
    [
      "chroma",
      `How vivid the answer is: black is gray, white is a chroma of ${PEAK} or more`,
      (i) => [Math.min(100, (100 * chroma[i]) / PEAK), 0, 0],
    ],
  ];
  const [meanA, meanB, meanChroma] = [a, b, chroma].map(mean);
  const swatch = h("span", {
    class: "swatch",
    style: `background: ${cssColor(labToRgb(fitGamut([60, meanA, meanB])))}`,
  });
  return h(
    "details",
    { class: "own-explained" },
    h("summary", {}, "What the model just did"),
    h(
      "p",
      {},
      `Your photograph was made ${width} × ${height} pixels small, and only its L was given to the network. It answered with an a and a b for each of these pixels. Both were enlarged and joined with the L of your photograph, pixel by pixel; where sRGB has no such color, the chroma was reduced and L stayed.`,
    ),
    h(
      "div",
      { class: "own-maps" },
      ...maps.map(([name, text, lab]) =>
        h("figure", {}, map(seen, lab, text), h("figcaption", {}, h("strong", {}, name), ` ${text}`)),
      ),
    ),
    h(
      "p",
      {},
      `On average it answered a = ${meanA.toFixed(1)}, b = ${meanB.toFixed(1)} `,
      swatch,
      `, with a mean chroma of ${meanChroma.toFixed(1)}. Where it doesn't know, it answers near 0, which is gray.`,
    ),
  );
}
