// "What the model just did": L as it saw it, and a, b and chroma as it answered, for the reader's own photograph.

import { cssColor, fitGamut, labToRgb } from "./color.js";
import { h } from "./dom.js";

/** @typedef {{L: Float32Array, a: Float32Array, b: Float32Array, width: number, height: number}} Seen L / 100, a and b at working size. */
/** @typedef {{width: number, height: number, maps: ImageData[], means: number[]}} Answer `MAPS` as pictures; the means of a, b and chroma. */

const PEAK = 60; // the chroma shown as white

/** @type {[string, string, (color: {L: number, a: number, b: number}) => [number, number, number]][]} Name, text, and the Lab that is shown. */
const MAPS = [
  ["L", "What it saw: lightness, the only thing it was given", ({ L }) => [L, 0, 0]],
  ["a", "Its answer for a: green to magenta, at one lightness", ({ a }) => [60, a, 0]],
  ["b", "Its answer for b: blue to yellow, at one lightness", ({ b }) => [60, 0, b]],
  [
    "chroma",
    `How vivid the answer is: black is gray, white is a chroma of ${PEAK} or more`,
    ({ a, b }) => [Math.min(100, (100 * Math.hypot(a, b)) / PEAK), 0, 0],
  ],
];

/** What the page shows of an answer; made in the worker. @param {Seen} seen @returns {Answer} */
export function answerOf({ L, a, b, width, height }) {
  const maps = MAPS.map(([, , lab]) => {
    const picture = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      const rgb = labToRgb(fitGamut(lab({ L: 100 * L[i], a: a[i], b: b[i] })));
      for (let c = 0; c < 3; c++) picture.data[4 * i + c] = Math.round(255 * rgb[c]);
      picture.data[4 * i + 3] = 255;
    }
    return picture;
  });
  const chroma = a.map((value, i) => Math.hypot(value, b[i]));
  const means = [a, b, chroma].map((plane) => plane.reduce((sum, value) => sum + value, 0) / plane.length);
  return { width, height, maps, means };
}

/** @param {ImageData} pixels @param {string} label */
function drawn(pixels, label) {
  const { width, height } = pixels;
  const canvas = h("canvas", { width, height, role: "img", "aria-label": label });
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  return canvas;
}

/** @param {Answer} answer @param {() => HTMLElement} more is made when a reader asks @returns {HTMLElement} */
export function explain({ width, height, maps, means }, more) {
  const [meanA, meanB, meanChroma] = means;
  const swatch = h("span", {
    class: "swatch",
    style: `background: ${cssColor(labToRgb(fitGamut([60, meanA, meanB])))}`,
  });
  const element = h(
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
      ...MAPS.map(([name, text], i) =>
        h("figure", {}, drawn(maps[i], text), h("figcaption", {}, h("strong", {}, name), ` ${text}`)),
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
  element.addEventListener("toggle", () => element.append(more()), { once: true });
  return element;
}
