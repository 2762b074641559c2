// A photograph with the colors that a network predicts: colorize_lib/photo/colorizer.py for arrays of pixels.

import { fits, gamutFactor, intoLinear, light, lightness, linearToSrgb, rgbToLab, srgbToLinear } from "./color.js";
import { BILINEAR, resizePhoto, resizeRows, taps } from "./resize.js";

/**
 * @typedef {object} About What stands beside the network: `facts` in colorize_lib/photo/onnx_export.py.
 * @property {number} working_side
 * @property {number} longest_side
 * @property {number} multiple
 * @property {number} chroma_scale
 * @property {string} recipe
 */

/** @typedef {{a: Float32Array, b: Float32Array, width: number, height: number}} Chroma */

const TINT_STEPS = 20; // of lightness, each with its tint
const MOST_SCATTER = 2; // of a toned photograph
const LIGHT_STEPS = 2 ** 16 - 1;
const LIGHT = Float64Array.from({ length: 256 }, (_, i) => srgbToLinear(i / 255));
const EIGHT_BITS = Uint8Array.from({ length: LIGHT_STEPS + 1 }, (_, i) =>
  Math.round(255 * linearToSrgb(i / LIGHT_STEPS)),
);

/** The stored value of an amount of light, which is clipped to [0, 1]. @param {number} c */
const stored = (c) => EIGHT_BITS[Math.round(Math.min(1, Math.max(0, c)) * LIGHT_STEPS)];

/**
 * Width and height at which color is predicted; see colorizer.working_size.
 * @param {number} width
 * @param {number} height
 * @param {About} about
 */
export function workingSize(width, height, about) {
  const scale = Math.min(about.working_side / Math.min(width, height), about.longest_side / Math.max(width, height));
  const [across, down] = [width, height].map(
    (side) => Math.max(1, Math.floor((side * scale) / about.multiple + 0.5)) * about.multiple,
  );
  return { across, down };
}

/**
 * What the network sees: L / 100 of the photograph at working size; `small` is the photograph at that size.
 * @param {ImageData} photo
 * @param {About} about
 * @returns {{L: Float32Array, small: Uint8ClampedArray, width: number, height: number}}
 */
export function networkInput(photo, about) {
  const { across, down } = workingSize(photo.width, photo.height, about);
  const small = resizePhoto(photo.data, photo.width, photo.height, across, down);
  const L = Float32Array.from({ length: across * down }, (_, i) => {
    const [r, g, b] = [LIGHT[small[3 * i]], LIGHT[small[3 * i + 1]], LIGHT[small[3 * i + 2]]];
    return lightness(r, g, b) / 100;
  });
  return { L, small, width: across, height: down };
}

/**
 * Two planes of what the network gives, [height, width, 2], in units of Lab.
 * @param {Float32Array} output
 * @param {number} width
 * @param {number} height
 * @param {About} about
 * @returns {Chroma}
 */
export function chromaOf(output, width, height, about) {
  const plane = (/** @type {number} */ which) =>
    Float32Array.from({ length: width * height }, (_, i) => output[2 * i + which] * about.chroma_scale);
  return { a: plane(0), b: plane(1), width, height };
}

/** Whether a photograph has any color. @param {ImageData} photo */
function hasColor({ data }) {
  for (let i = 0; i < data.length; i += 4) if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return true;
  return false;
}

/**
 * How far a and b lie from their mean at the same lightness: root of the mean square, in units of Lab. Of a toned
 * photograph (sepia, selenium, blueprint) lightness tells the tint, so that only noise is left.
 * @param {Uint8ClampedArray} small R, G, B
 */
function scatterOfTint(small) {
  const means = Array.from({ length: TINT_STEPS + 1 }, () => ({ count: 0, a: 0, b: 0 }));
  let squares = 0;
  for (let i = 0; i < small.length; i += 3) {
    const [L, a, b] = rgbToLab([small[i] / 255, small[i + 1] / 255, small[i + 2] / 255]);
    const mean = means[Math.floor((Math.max(0, L) * TINT_STEPS) / 100)];
    const [fromA, fromB] = [a - mean.a, b - mean.b];
    mean.count++;
    mean.a += fromA / mean.count;
    mean.b += fromB / mean.count;
    squares += fromA * (a - mean.a) + fromB * (b - mean.b); // Welford's sum
  }
  return Math.sqrt(squares / (small.length / 3));
}

/**
 * Whether a photograph is gray, toned or in color. The historic photographs of the sample, as they were scanned, scatter
 * by .8 to 1.2, those in color by 4 or more; some overcast landscapes lie between.
 * @param {ImageData} photo
 * @param {Uint8ClampedArray} small the photograph at working size
 */
export function kindOf(photo, small) {
  if (!hasColor(photo)) return "gray";
  return scatterOfTint(small) < MOST_SCATTER ? "toned" : "color";
}

/**
 * Give the photograph's rows from `top` to `bottom` new colors; L stays, and chroma gives way where sRGB ends.
 * @param {ImageData} photo
 * @param {Chroma} wide a and b at the photograph's width: see `widened`
 * @param {number} saturation what chroma is multiplied by
 * @param {ImageData} result alpha is the photograph's
 * @param {number} top
 * @param {number} bottom
 */
export function recolorRows(photo, wide, saturation, result, top, bottom) {
  const { width, height, data } = photo;
  const rows = rowTaps(wide.height, height);
  /** @type {import("./color.js").Triple} */
  const linear = [0, 0, 0];
  for (let y = top; y < bottom; y++) {
    const { first, weights } = rows[y];
    for (let x = 0, i = y * width * 4; x < width; x++, i += 4) {
      let a = 0;
      let b = 0;
      for (let k = 0, at = first * width + x; k < weights.length; k++, at += width) {
        a += weights[k] * wide.a[at];
        b += weights[k] * wide.b[at];
      }
      a *= saturation;
      b *= saturation;
      const L = lightness(LIGHT[data[i]], LIGHT[data[i + 1]], LIGHT[data[i + 2]]);
      if (!fits(intoLinear(linear, L, a, b))) {
        const factor = gamutFactor(L, a, b);
        intoLinear(linear, L, a * factor, b * factor);
      }
      for (let c = 0; c < 3; c++) result.data[i + c] = stored(linear[c]);
      result.data[i + 3] = data[i + 3];
    }
  }
}

/** @type {{from: number, to: number, taps: ReturnType<typeof taps>}} */
let kept = { from: 0, to: 0, taps: [] };

/** @param {number} from @param {number} to */
function rowTaps(from, to) {
  if (kept.from !== from || kept.to !== to) kept = { from, to, taps: taps(from, to, BILINEAR) };
  return kept.taps;
}

/** a and b stretched to the photograph's width. @param {Chroma} chroma @param {number} width @returns {Chroma} */
export function widened(chroma, width) {
  const [a, b] = [chroma.a, chroma.b].map((plane) => resizeRows(plane, chroma.width, width));
  return { a, b, width, height: chroma.height };
}

/** The photograph's L alone, as a gray picture: equal amounts of R, G and B that make the same light. @param {ImageData} photo @param {ImageData} result */
export function grayOf(photo, result) {
  const { data } = photo;
  for (let i = 0; i < data.length; i += 4) {
    const gray = stored(light(LIGHT[data[i]], LIGHT[data[i + 1]], LIGHT[data[i + 2]]));
    for (let c = 0; c < 3; c++) result.data[i + c] = gray;
    result.data[i + 3] = data[i + 3];
  }
}
