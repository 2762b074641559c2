// sRGB, Lab and the gamut: the same formulas and constants as colorize_lib/color.py (chapter 01), for one color at a time.

/** @typedef {[number, number, number]} Triple Three numbers: R, G, B in [0, 1], or L, a, b. */

/** @type {Triple[]} */
const RGB_TO_XYZ = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
];
/** @type {Triple} */
const WHITE = [0.95047, 1, 1.08883]; // D65, 2 degrees
const XYZ_TO_RGB = inverse(RGB_TO_XYZ);
const GAMUT_SLACK = 1e-4; // of linear light
const GAMUT_STEPS = 10; // halvings of the chroma

/** @param {Triple[]} m @returns {Triple[]} the inverse of a 3x3 matrix, by cofactors */
function inverse(m) {
  /** @param {number} i @param {number} j */
  const minor = (i, j) => {
    const [r, s] = [0, 1, 2].filter((k) => k !== i);
    const [c, d] = [0, 1, 2].filter((k) => k !== j);
    return m[r][c] * m[s][d] - m[r][d] * m[s][c];
  };
  const determinant = m[0][0] * minor(0, 0) - m[0][1] * minor(0, 1) + m[0][2] * minor(0, 2);
  return [0, 1, 2].map((i) => triple((j) => (((i + j) % 2 ? -1 : 1) * minor(j, i)) / determinant));
}

/** @param {(i: number) => number} f @returns {Triple} */
function triple(f) {
  return [f(0), f(1), f(2)];
}

/** @param {Triple[]} m @param {Triple} v @returns {Triple} */
function times(m, v) {
  return triple((i) => m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2]);
}

/** A stored value in [0, 1] to an amount of light. @param {number} c */
export function srgbToLinear(c) {
  return c > 0.04045 ? ((c + 0.055) / 1.055) ** 2.4 : c / 12.92;
}

/** An amount of light in [0, 1] to a stored value. @param {number} c */
export function linearToSrgb(c) {
  return c > 0.0031308 ? 1.055 * c ** (1 / 2.4) - 0.055 : c * 12.92;
}

/** CIE's f: a cube root with a straight line near black. @param {number} t */
export function labCurve(t) {
  return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
}

/** @param {number} f */
function labCurveInverse(f) {
  return f > 0.2068966 ? f * f * f : (f - 16 / 116) / 7.787;
}

/** How much of white's light a color has: Y of XYZ. @param {number} r @param {number} g @param {number} b all linear */
export function light(r, g, b) {
  return RGB_TO_XYZ[1][0] * r + RGB_TO_XYZ[1][1] * g + RGB_TO_XYZ[1][2] * b;
}

/** Lightness L of linear light. @param {number} r @param {number} g @param {number} b */
export function lightness(r, g, b) {
  return 116 * labCurve(light(r, g, b)) - 16;
}

/** The gray in [0, 1] that has the lightness L. @param {number} L */
export function grayOfLightness(L) {
  return linearToSrgb(labCurveInverse((L + 16) / 116));
}

/** R, G, B in [0, 1] to L, a, b. @param {Triple} rgb @returns {Triple} */
export function rgbToLab(rgb) {
  const xyz = times(
    RGB_TO_XYZ,
    triple((i) => srgbToLinear(rgb[i])),
  );
  const [x, y, z] = triple((i) => labCurve(xyz[i] / WHITE[i]));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** L, a, b to linear R, G, B; outside [0, 1] means outside sRGB. @param {Triple} lab @returns {Triple} */
export function labToLinear([L, a, b]) {
  return intoLinear([0, 0, 0], L, a, b);
}

/**
 * The same, written into `linear`: for millions of pixels, which would leave as many small arrays behind.
 * @param {Triple} linear
 * @param {number} L
 * @param {number} a
 * @param {number} b
 */
export function intoLinear(linear, L, a, b) {
  const fy = (L + 16) / 116;
  const x = WHITE[0] * labCurveInverse(fy + a / 500);
  const y = WHITE[1] * labCurveInverse(fy);
  const z = WHITE[2] * labCurveInverse(fy - b / 200);
  for (let i = 0; i < 3; i++) linear[i] = XYZ_TO_RGB[i][0] * x + XYZ_TO_RGB[i][1] * y + XYZ_TO_RGB[i][2] * z;
  return linear;
}

/** L, a, b to R, G, B, clipped to [0, 1]. @param {Triple} lab @returns {Triple} */
export function labToRgb(lab) {
  const linear = labToLinear(lab);
  return triple((i) => Math.min(1, Math.max(0, linearToSrgb(linear[i]))));
}

/** @param {Triple} linear */
export function fits(linear) {
  const most = 0.5 + GAMUT_SLACK;
  for (let i = 0; i < 3; i++) if (Math.abs(linear[i] - 0.5) > most) return false;
  return true;
}

/** Reduce chroma until sRGB holds the color; L and hue stay. @param {Triple} lab @returns {Triple} */
export function fitGamut([L, a, b]) {
  const factor = fits(labToLinear([L, a, b])) ? 1 : gamutFactor(L, a, b);
  return [L, a * factor, b * factor];
}

/** What the chroma of a color outside sRGB is multiplied by. @param {number} L @param {number} a @param {number} b */
export function gamutFactor(L, a, b) {
  /** @type {Triple} */
  const linear = [0, 0, 0];
  let factor = 0;
  for (let step = 1, half = 0.5; step <= GAMUT_STEPS; step++, half /= 2) {
    const middle = factor + half;
    if (fits(intoLinear(linear, L, a * middle, b * middle))) factor = middle;
  }
  return factor;
}

/** R, G, B in [0, 1] as CSS writes them. @param {Triple} rgb */
export function cssColor(rgb) {
  return `rgb(${rgb.map((c) => Math.round(c * 255)).join(" ")})`;
}
