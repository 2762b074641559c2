// Pillow's resampling (ImagingResample), so that the browser sees what Python sees: bicubic for photographs in 8 bits, bilinear for a and b.
// Each output pixel is a weighted mean of the input pixels below a kernel, which is widened when the picture shrinks.

const STEPS = 2 ** 22;

/** @typedef {{support: number, weight: (x: number) => number}} Kernel */

/** @type {Kernel} */
export const BICUBIC = {
  support: 2,
  weight(x) {
    const t = Math.abs(x);
    if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
    return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
  },
};

/** @type {Kernel} */
export const BILINEAR = { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };

/**
 * Weights that turn `from` pixels in a row into `to`: for each output pixel the first input pixel and its weights, whose sum is 1.
 * @param {number} from
 * @param {number} to
 * @param {Kernel} kernel
 * @returns {{first: number, weights: Float64Array}[]}
 */
export function taps(from, to, kernel) {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const support = kernel.support * stretch;
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const last = Math.min(from, Math.trunc(center + support + 0.5));
    const weights = Float64Array.from({ length: last - first }, (_, k) =>
      kernel.weight((k + first - center + 0.5) / stretch),
    );
    const whole = 1 / weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight * whole) };
  });
}

/** Pillow's bicubic weights for 8 bits: whole parts of STEPS. @param {number} from @param {number} to */
const wholeTaps = (from, to) =>
  taps(from, to, BICUBIC).map(({ first, weights }) => ({
    first,
    weights: weights.map((weight) => Math.sign(weight) * Math.floor(Math.abs(weight) * STEPS + 0.5)),
  }));

/** A sum of these weights times 8 bits, in 8 bits once it is stored. @param {number} sum */
const inBits = (sum) => Math.floor((sum + STEPS / 2) / STEPS);

/**
 * Resize R, G, B, A in 8 bits to R, G, B in 8 bits, rounding after each direction as Pillow does. Alpha isn't looked at.
 * @param {Uint8ClampedArray} rgba [height, width, 4]
 * @param {number} width
 * @param {number} height
 * @param {number} across the new width
 * @param {number} down the new height
 * @returns {Uint8ClampedArray} [down, across, 3]
 */
export function resizePhoto(rgba, width, height, across, down) {
  const narrow = new Uint8ClampedArray(height * across * 3); // storing clips
  const columns = wholeTaps(width, across);
  for (let y = 0; y < height; y++) {
    columns.forEach(({ first, weights }, x) => {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let k = 0, at = (y * width + first) * 4; k < weights.length; k++, at += 4) {
        r += weights[k] * rgba[at];
        g += weights[k] * rgba[at + 1];
        b += weights[k] * rgba[at + 2];
      }
      const to = (y * across + x) * 3;
      narrow[to] = inBits(r);
      narrow[to + 1] = inBits(g);
      narrow[to + 2] = inBits(b);
    });
  }
  const small = new Uint8ClampedArray(down * across * 3);
  wholeTaps(height, down).forEach(({ first, weights }, y) => {
    for (let x = 0; x < across * 3; x++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * narrow[(first + k) * across * 3 + x];
      small[y * across * 3 + x] = inBits(sum);
    }
  });
  return small;
}

/**
 * Resize each row of a plane.
 * @param {Float32Array} plane [height, width]
 * @param {number} width
 * @param {number} across the new width
 * @returns {Float32Array} [height, across]
 */
export function resizeRows(plane, width, across) {
  const height = plane.length / width;
  const result = new Float32Array(height * across);
  taps(width, across, BILINEAR).forEach(({ first, weights }, x) => {
    for (let y = 0; y < height; y++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * plane[y * width + first + k];
      result[y * across + x] = sum;
    }
  });
  return result;
}
