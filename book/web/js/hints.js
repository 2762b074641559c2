// A person's hints: how far each color asked for is from the network's, and what of it the photograph takes over. The
// same arithmetic as colorize_lib/hints.py, on the grid on which the network colors.

import { fitGamut, labToRgb, rgbToLab } from "./color.js";

/** @typedef {import("./recolor.js").Chroma} Chroma */
/** @typedef {{x: number, y: number, color: string}} Hint fractions of width and height; the color as #rrggbb */
/** @typedef {{L: number, a: number, b: number}} Lab */
/** @typedef {Chroma & {L: Float32Array}} Grid what the network saw and answered, in units of Lab */

const WIDTH = 40 / 128; // of the share's weight, as a part of the root of width times height
const LIGHTNESS = 12; // the same, in units of L
const CHROMA = 12; // and in units of a, b
export const DOUBT = 0.05; // what speaks for the network's own color everywhere
const FINE = 256; // steps of the table of a falling power, per unit
const LOST = 25; // a share of e to the minus 25 is lost beside the doubt when float32 numbers are added
const COMMON_WIDTH = 205 / 128; // the same for what the whole picture has in common
const COMMON_LIGHTNESS = 41;
const COMMON_CHROMA = 21.6;
const LOOSENESS = 0.01; // by which what they have in common may miss what is asked of it
const UNLIKELY = 60; // a correction of so many units of a, b is no matter of the whole picture
const BLOCK = 4096; // pixels of which the sums are made at a time: they stay near the processor
const REACH = 1; // pixels on each side of a hint that are averaged with it: 3 x 3
const MOST_KEPT = 32; // hints whose shares and ties are kept: 68 MB on the largest grid

/** R, G, B in [0, 1] of #rrggbb. @param {string} color @returns {import("./color.js").Triple} */
export function rgbOf(color) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255);
  return [r, g, b];
}

/** The color of this lightness, or the nearest grayer one that sRGB has, as #rrggbb. @param {Lab} lab */
export function colorOf({ L, a, b }) {
  const stored = labToRgb(fitGamut([L, a, b])).map((c) => Math.round(255 * c));
  return `#${stored.map((c) => c.toString(16).padStart(2, "0")).join("")}`;
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

const FALL = Float64Array.from({ length: LOST * FINE + 2 }, (_, i) => Math.exp(-i / FINE));

/** e to the minus x, from a table, to 2 parts in a million: Math.exp takes far longer. @param {number} x at least 0 */
function fall(x) {
  if (x >= LOST) return 0;
  const at = x * FINE;
  const low = Math.floor(at);
  return FALL[low] + (at - low) * (FALL[low + 1] - FALL[low]);
}

/** How near a pixel is to a hint in what a whole picture has in common, from 1 down. @param {number} apart squared, in parts of the widths */
const tied = (apart) => Math.exp(-Math.sqrt(apart));

/** What decides over ties: parts of the widths, each squared. @param {Grid} grid */
function scales({ width, height }) {
  return {
    far: 1 / (COMMON_WIDTH ** 2 * width * height),
    light: 1 / COMMON_LIGHTNESS ** 2,
    hue: 1 / COMMON_CHROMA ** 2,
  };
}

/** @typedef {{shares: Float32Array, ties: Float32Array}} Reach What part of a hint each pixel takes, in the second and in the first step. */

/** @param {Grid} grid @param {{column: number, row: number}} pixel @returns {Reach} */
export function reachOf(grid, pixel) {
  const { L, a, b, width, height } = grid;
  const at = around(grid, pixel);
  const common = scales(grid);
  const far = 1 / (2 * WIDTH ** 2 * width * height);
  const unlikeL = 1 / (2 * LIGHTNESS ** 2);
  const unlikeColor = 1 / (2 * CHROMA ** 2);
  const [shares, ties] = [new Float32Array(width * height), new Float32Array(width * height)];
  for (let y = 0, i = 0; y < height; y++) {
    const down = (y - pixel.row) ** 2;
    for (let x = 0; x < width; x++, i++) {
      const distance = down + (x - pixel.column) ** 2;
      const light = (L[i] - at.L) ** 2;
      const color = (a[i] - at.a) ** 2 + (b[i] - at.b) ** 2;
      shares[i] = fall(far * distance + unlikeL * light + unlikeColor * color);
      ties[i] = fall(Math.sqrt(common.far * distance + common.light * light + common.hue * color));
    }
  }
  return { shares, ties };
}

/** The root of a matrix that is symmetric and positive: lower triangle, row by row (Cholesky). @param {number[][]} matrix */
function rootOf(matrix) {
  /** @type {Float64Array[]} */
  const root = [];
  matrix.forEach((row, i) => {
    const own = new Float64Array(i + 1);
    for (let j = 0; j <= i; j++) {
      const other = j < i ? root[j] : own;
      let left = row[j];
      for (let k = 0; k < j; k++) left -= own[k] * other[k];
      own[j] = j < i ? left / other[j] : Math.sqrt(left);
    }
    root.push(own);
  });
  return root;
}

/** x of matrix x = y, from the matrix's root. @param {Float64Array[]} root @param {number[]} y */
function solved(root, y) {
  const x = [...y];
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i] -= root[i][k] * x[k];
    x[i] /= root[i][i];
  }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i] -= root[k][i] * x[k];
    x[i] /= root[i][i];
  }
  return x;
}

/** @typedef {{common: [number, number], left: [number, number]}} Part */
/** @typedef {{column: number, row: number, L: number, a: number, b: number, by: [number, number]}} Place where a hint stands, what is there, and the correction of a and b */

/**
 * Of each hint's correction: what goes by its ties over the whole picture, and what is left to be spread near it.
 * @param {Grid} grid
 * @param {Place[]} places
 * @returns {Part[]}
 */
function partsOf(grid, places) {
  const { far, light, hue } = scales(grid);
  const matrix = places.map((one, i) =>
    places.slice(0, i + 1).map((other, j) => {
      const distance = (one.row - other.row) ** 2 + (one.column - other.column) ** 2;
      const color = (one.a - other.a) ** 2 + (one.b - other.b) ** 2;
      return tied(far * distance + light * (one.L - other.L) ** 2 + hue * color) + (i === j ? LOOSENESS : 0);
    }),
  );
  const root = rootOf(matrix);
  const likely = places.map(({ by }) => Math.max(0, 1 - (Math.hypot(...by) / UNLIKELY) ** 2) ** 2);
  const [a, b] = [0, 1].map((c) => places.map(({ by }, k) => by[c] * likely[k]));
  const [commonA, commonB] = [a, b].map((wanted) => solved(root, wanted));
  return places.map(({ by }, k) => ({
    common: [commonA[k], commonB[k]],
    left: [by[0] - (a[k] - LOOSENESS * commonA[k]), by[1] - (b[k] - LOOSENESS * commonB[k])],
  }));
}

/** Add what one hint does to some of the pixels. @param {Float32Array[]} sums @param {Reach} reach @param {Part} part @param {number} from @param {number} to */
function add([total, spreadA, spreadB, changeA, changeB], { shares, ties }, { common, left }, from, to) {
  const [[commonA, commonB], [leftA, leftB]] = [common, left];
  for (let i = from; i < to; i++) {
    const share = shares[i];
    const tie = ties[i];
    total[i] += share;
    spreadA[i] += share * leftA;
    spreadB[i] += share * leftB;
    changeA[i] += tie * commonA;
    changeB[i] += tie * commonB;
  }
}

/** A photograph's colors after hints. The reach of a hint that stays is kept, so that only the one that moves costs much time. */
export class Spread {
  #grid;
  /** @type {Map<number, Reach>} by the hint's pixel */
  #kept = new Map();

  /** @param {Grid} grid */
  constructor(grid) {
    this.#grid = grid;
  }

  /** @param {Hint} hint @returns {Place} */
  #place(hint) {
    const pixel = pixelOf(hint, this.#grid);
    const own = around(this.#grid, pixel);
    const [, a, b] = rgbToLab(rgbOf(hint.color));
    return { ...pixel, ...own, by: [a - own.a, b - own.b] };
  }

  /** @param {Hint[]} hints @returns {Chroma} without hints the network's own */
  answer(hints) {
    const { a, b, width, height } = this.#grid;
    if (!hints.length) return { a, b, width, height };
    const sums = [0, 1, 2, 3, 4].map(() => new Float32Array(a.length));
    const places = hints.map((hint) => this.#place(hint));
    const parts = partsOf(this.#grid, places);
    const kept = new Map();
    for (let first = 0; first < places.length; first += MOST_KEPT) {
      const reaches = places.slice(first, first + MOST_KEPT).map((place) => {
        const at = place.row * width + place.column;
        const reach = kept.get(at) ?? this.#kept.get(at) ?? reachOf(this.#grid, place);
        if (kept.size < MOST_KEPT) kept.set(at, reach);
        return reach;
      });
      for (let from = 0; from < a.length; from += BLOCK)
        reaches.forEach((reach, k) => add(sums, reach, parts[first + k], from, Math.min(from + BLOCK, a.length)));
    }
    this.#kept = kept;
    const [total, spreadA, spreadB, changeA, changeB] = sums;
    for (let i = 0; i < total.length; i++) {
      const part = 1 / (total[i] + DOUBT);
      changeA[i] += a[i] + spreadA[i] * part;
      changeB[i] += b[i] + spreadB[i] * part;
    }
    return { a: changeA, b: changeB, width, height };
  }
}
