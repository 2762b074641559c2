// Steps of networks that mix what a whole photograph shows into each of its places.

/** @typedef {import("./network.js").Maps} Maps */

/** The mean over all places, one a channel. @param {Maps} maps @returns {Maps} */
export function mean({ channels, data }) {
  const sums = new Float64Array(channels);
  for (let i = 0; i < data.length; i++) sums[i % channels] += data[i];
  return { height: 1, width: 1, channels, data: Float32Array.from(sums, (sum) => (sum * channels) / data.length) };
}

/** The numbers of each place divided by their length. @param {Maps} maps @returns {Maps} */
export function unit({ channels, data, ...size }) {
  const found = new Float32Array(data.length);
  for (let from = 0; from < data.length; from += channels) {
    const length = Math.max(1e-12, Math.hypot(...data.subarray(from, from + channels)));
    for (let c = from; c < from + channels; c++) found[c] = data[c] / length;
  }
  return { ...size, channels, data: found };
}

/** A sum. Maps of one place are added at each place. @param {Maps} one @param {Maps} other @returns {Maps} */
export function add(one, other) {
  const repeats = other.data.length; // 1 x 1 places hold one number a channel
  return { ...one, data: one.data.map((value, i) => value + other.data[i % repeats]) };
}
