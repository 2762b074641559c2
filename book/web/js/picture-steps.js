// Steps of networks that see and paint pictures in R, G and B: what goes in, and the color of what comes out.

import { grayOfLightness, rgbToLab } from "./color.js";

/** @typedef {import("./network.js").Maps} Maps */

/** The photograph in three equal channels, from lightness in [0, 1]. @param {Maps} maps @returns {Maps} */
export function grayPicture({ height, width, data }) {
  const rgb = new Float32Array(3 * data.length);
  for (let i = 0; i < data.length; i++) rgb.fill(grayOfLightness(100 * data[i]), 3 * i, 3 * i + 3);
  return { height, width, channels: 3, data: rgb };
}

/** a and b of painted pictures, clipped to sRGB. @param {Maps} maps @param {number} chroma that is given as 1 @returns {Maps} */
export function picturesColor({ height, width, data }, chroma) {
  const ab = new Float32Array(2 * height * width);
  for (let i = 0; i < height * width; i++) {
    const [r, g, b] = data.subarray(3 * i, 3 * i + 3).map((c) => Math.min(1, Math.max(0, c)));
    ab.set(
      rgbToLab([r, g, b])
        .slice(1)
        .map((c) => c / chroma),
      2 * i,
    );
  }
  return { height, width, channels: 2, data: ab };
}
