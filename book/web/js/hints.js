// A person's hints: how far each color asked for is from the network's, spread over the photograph. The same arithmetic
// as colorize_lib/hints.py, on the grid on which the network colors.

import { rgbToLab } from "./color.js";

/** @typedef {import("./recolor.js").Chroma} Chroma */
/** @typedef {{x: number, y: number, color: string}} Hint fractions of width and height; the color as #rrggbb */
/** @typedef {{L: number, a: number, b: number}} Lab */
/** @typedef {Chroma & {L: Float32Array}} Grid what the network saw and answered, in units of Lab */

const WIDTH = 40 / 128; // of the share's weight, as a part of the root of width times height
const LIGHTNESS = 12; // the same, in units of L
const CHROMA = 12; // and in units of a, b
const DOUBT = 0.05; // what speaks for the network's own color everywhere
const REACH = 1; // pixels on each side of a hint that are averaged with it: 3 x 3
const MOST_KEPT = 32; // hints whose shares are kept: 34 MB on the largest grid

/** R, G, B in [0, 1] of #rrggbb. @param {string} color @returns {import("./color.js").Triple} */
export function rgbOf(color) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255);
  return [r, g, b];
}

/** The pixel of a grid on which a hint falls. @param {{x: number, y: number}} hint @param {{width: number, height: number}} grid */
export function pixelOf({ x, y }, { width, height }) {
  return { column: Math.min(Math.floor(x * width), width - 1), row: Math.min(Math.floor(y * height), height - 1) };
}

/** Means of L, a and b at a hint's place. @param {Grid} grid @param {{column: number, row: number}} pixel @returns {Lab} */
export function around({ L, a, b, width, height }, { column, row }) {
  const sums = { L: 0, a: 0, b: 0 };
  let count = 0;
  for (let y = Math.max(0, row - REACH); y <= Math.min(height - 1, row + REACH); y++)
    for (let x = Math.max(0, column - REACH); x <= Math.min(width - 1, column + REACH); x++, count++) {
      sums.L += L[y * width + x];
      sums.a += a[y * width + x];
      sums.b += b[y * width + x];
    }
  return { L: sums.L / count, a: sums.a / count, b: sums.b / count };
}

/** What part of a hint's correction each pixel takes. @param {Grid} grid @param {{column: number, row: number}} pixel */
export function sharesOf(grid, pixel) {
  const { L, a, b, width, height } = grid;
  const at = around(grid, pixel);
  const far = 1 / (2 * WIDTH ** 2 * width * height);
  const unlikeL = 1 / (2 * LIGHTNESS ** 2);
  const unlikeColor = 1 / (2 * CHROMA ** 2);
  const shares = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const down = (y - pixel.row) ** 2;
    for (let x = 0; x < width; x++, i++) {
      const distance = down + (x - pixel.column) ** 2;
      const color = (a[i] - at.a) ** 2 + (b[i] - at.b) ** 2;
      shares[i] = Math.exp(-(far * distance + unlikeL * (L[i] - at.L) ** 2 + unlikeColor * color));
    }
  }
  return shares;
}

/** A photograph's colors after hints. The shares of a hint that stays are kept, so that only the one that moves costs time. */
export class Spread {
  #grid;
  /** @type {Map<number, Float32Array>} by the hint's pixel */
  #kept = new Map();

  /** @param {Grid} grid */
  constructor(grid) {
    this.#grid = grid;
  }

  /** @param {Hint[]} hints @returns {Chroma} without hints the network's own */
  answer(hints) {
    const { a, b, width, height } = this.#grid;
    if (!hints.length) return { a, b, width, height };
    const [total, changeA, changeB] = [0, 1, 2].map(() => new Float32Array(a.length));
    const kept = new Map();
    for (const hint of hints) {
      const pixel = pixelOf(hint, this.#grid);
      const place = pixel.row * width + pixel.column;
      const shares = kept.get(place) ?? this.#kept.get(place) ?? sharesOf(this.#grid, pixel);
      if (kept.size < MOST_KEPT) kept.set(place, shares);
      const own = around(this.#grid, pixel);
      const [, wantedA, wantedB] = rgbToLab(rgbOf(hint.color));
      const [byA, byB] = [wantedA - own.a, wantedB - own.b];
      for (let i = 0; i < shares.length; i++) {
        total[i] += shares[i];
        changeA[i] += shares[i] * byA;
        changeB[i] += shares[i] * byB;
      }
    }
    this.#kept = kept;
    for (let i = 0; i < total.length; i++) {
      const part = 1 / (total[i] + DOUBT);
      changeA[i] = a[i] + changeA[i] * part;
      changeB[i] = b[i] + changeB[i] * part;
    }
    return { a: changeA, b: changeB, width, height };
  }
}
