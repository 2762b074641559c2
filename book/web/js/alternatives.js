// Three ways to color one photograph, from the odds of its colors. The same arithmetic as colorize_lib/alternatives.py.

import { around, colorOf, DOUBT, reachOf } from "./hints.js";
import { sharpened } from "./network.js";

/** @typedef {import("./hints.js").Grid} Grid */
/** @typedef {import("./hints.js").Hint} Hint */
/** @typedef {import("./network.js").Maps} Maps */

/** Directions in the a, b plane, in degrees from a to b. */
export const SIDES = { warmer: 45, greener: 150, bluer: 270 };
const TILT = 0.035; // per unit of a, b
const PLACES = 12;

/** The mean color of odds that are tilted toward a side. @param {Float32Array} scores their logarithms @param {number[][]} colors a and b of each @param {number} degrees */
export function tiltedMean(scores, colors, degrees) {
  const [toA, toB] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const odds = new Float32Array(colors.length);
  const tilted = scores.map((score, k) => score + TILT * (toA * colors[k][0] + toB * colors[k][1]));
  sharpened(tilted, 1, odds);
  return [0, 1].map((c) => odds.reduce((sum, part, k) => sum + part * colors[k][c], 0));
}

/** How undecided the odds of each pixel are. @param {Maps} scores */
function entropies({ data, channels }) {
  const odds = new Float32Array(channels);
  return Float32Array.from({ length: data.length / channels }, (_, i) => {
    sharpened(data.subarray(i * channels, (i + 1) * channels), 1, odds);
    return odds.reduce((sum, part) => sum - part * Math.log(part + 1e-12), 0);
  });
}

/**
 * Places of the odds' grid that get hints, one after the other: each the least decided that those before reach least.
 * @param {Grid} grid @param {Maps} scores
 */
function placesOf(grid, scores) {
  const { width, height } = scores;
  const step = Math.floor(grid.height / height);
  const middle = Math.floor(step / 2);
  const left = entropies(scores);
  const total = new Float32Array(left.length);
  const found = [];
  for (let n = 0; n < Math.min(PLACES, left.length); n++) {
    let most = 0;
    for (let i = 1; i < left.length; i++)
      if (left[i] / (total[i] + DOUBT) > left[most] / (total[most] + DOUBT)) most = i;
    const [row, column] = [Math.floor(most / width), most % width];
    const pixel = { row: step * row + middle, column: step * column + middle };
    found.push({ at: most, x: (column + 0.5) / width, y: (row + 0.5) / height, pixel });
    left[most] = -1; // once is enough, also where the place is noise, of which a hint there reaches little
    const { shares } = reachOf(grid, pixel);
    for (let i = 0; i < total.length; i++)
      total[i] += shares[(step * Math.floor(i / width) + middle) * grid.width + step * (i % width) + middle];
  }
  return found;
}

/**
 * Hints for each side, which `Spread` makes a picture of.
 * @param {Grid} grid what the network saw and answered
 * @param {Maps} scores logarithms of the odds
 * @param {number[][]} colors a and b of each
 * @returns {Record<string, Hint[]>}
 */
export function alternatives(grid, scores, colors) {
  const places = placesOf(grid, scores);
  const { channels, data } = scores;
  return Object.fromEntries(
    Object.entries(SIDES).map(([name, degrees]) => [
      name,
      places.map(({ at, x, y, pixel }) => {
        const [a, b] = tiltedMean(data.slice(at * channels, (at + 1) * channels), colors, degrees);
        return { x, y, color: colorOf({ L: around(grid, pixel).L, a, b }) };
      }),
    ]),
  );
}
