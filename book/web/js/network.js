// Runs a network that book/web_network.py wrote: its steps one after the other, on one photograph.

import { grayPicture, picturesColor } from "./picture-steps.js";
import { BILINEAR, resizeRows, taps } from "./resize.js";
import { add, mean, unit } from "./whole.js";

/**
 * @typedef {object} Step
 * @property {"input" | "convolve" | "convolve each" | "bend" | "scale" | "double" | "add" | "join" | "mean" | "unit" | "mean color" | "enlarge" | "scale chroma" | "gray picture" | "picture's color"} kind
 * @property {number[]} reads the steps whose maps it reads
 * @property {string} [name] of the layer
 * @property {[number, number, number, number]} [kernel] height, width, channels, filters (of each channel, where it has its own)
 * @property {number} [stride] from a window to the next one
 * @property {number} [spread] with zeros between the input's numbers: each of them gets this many places
 * @property {number} [slope] of negative numbers
 * @property {number} [most] that a number may be
 * @property {number} [by] what numbers are multiplied by
 * @property {number} [plus] and what is added then
 * @property {number} [chroma] that a network gives and takes as 1
 * @property {number} [temperature] by which odds are sharpened
 * @property {[number, number][]} [colors] a and b that there are odds of
 * @property {number} [factor] by which a and b are enlarged
 * @property {number} [gain] a chroma c becomes gain times c to the power
 * @property {number} [power]
 * @property {string} [file] that holds the weights
 * @property {number} [at] where they begin in it, unpacked
 * @property {number} [bytes] of the file, whose first weights these are
 */

/** @typedef {{height: number, width: number, channels: number, data: Float32Array}} Maps [height, width, channels] */

export const FILTERS = 8; // that the loop computes at once, for four windows
const WINDOWS = 4;
const PAGE = 2 ** 16; // bytes

/** @typedef {{memory: WebAssembly.Memory, row: (...numbers: number[]) => void}} Loop */

/** Make the loop of book/web/convolution.wat. @param {BufferSource} program @returns {Promise<Loop>} */
export async function loopOf(program) {
  const { instance } = await WebAssembly.instantiate(program);
  return /** @type {any} */ (instance.exports);
}

/** Numbers in float16 as float32. @param {Uint16Array} halves @param {Float32Array} whole */
export function widen(halves, whole) {
  const bits = new Uint32Array(whole.buffer, whole.byteOffset, whole.length);
  for (let i = 0; i < halves.length; i++) {
    bits[i] = (halves[i] & 0x7fff) << 13; // the exponent is 112 too small
    whole[i] *= halves[i] & 0x8000 ? -(2 ** 112) : 2 ** 112;
  }
}

/** How much padding stands before `n` numbers, as Keras pads ("same"), and how many windows there are. */
export function windows(/** @type {number} */ n, /** @type {number} */ kernel, { stride = 1, spread = 1 }) {
  if (spread > 1) return { before: kernel - 1 - Math.floor(Math.max(kernel - spread, 0) / 2), count: n * spread };
  const count = Math.ceil(n / stride);
  return { before: Math.floor(Math.max((count - 1) * stride + kernel - n, 0) / 2), count };
}

/**
 * A convolution.
 * @param {Loop} loop @param {Step} step @param {Maps} maps @param {ArrayBuffer} file @returns {Maps}
 */
function convolve({ memory, row }, step, maps, file) {
  const [tall, wide, channels, filters] = step.kernel ?? [0, 0, 0, 0];
  const { stride = 1, spread = 1, at = 0 } = step;
  const [down, across] = [windows(maps.height, tall, step), windows(maps.width, wide, step)];
  const [blocks, row4] = [Math.ceil(filters / FILTERS), Math.ceil(across.count / WINDOWS) * WINDOWS];
  const [high, line] = [(down.count - 1) * stride + tall, ((row4 - 1) * stride + wide) * channels];
  const count = tall * wide * channels * blocks * FILTERS;
  // In memory: weights, bias, a row of results, the input with zeros around it.
  const places = [0, count, count + blocks * FILTERS, count + (1 + row4) * blocks * FILTERS];
  const [bias, out, start] = places.slice(1);
  const missing = 4 * (start + high * line) - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  const held = new Float32Array(memory.buffer);
  widen(new Uint16Array(file, at, count), held.subarray(0, count));
  held.set(new Float32Array(file.slice(at + 2 * count, at + 2 * count + 4 * blocks * FILTERS)), bias);
  held.fill(0, start, start + high * line);
  place(maps, held.subarray(start, start + high * line), line, spread, down.before, across.before);
  const data = new Float32Array(down.count * across.count * filters);
  for (let y = 0; y < down.count; y++) {
    const from = 4 * (start + y * stride * line);
    row(from, 4 * line, tall, wide * channels, 4 * stride * channels, 0, blocks, 4 * bias, 4 * out, row4);
    const to = y * across.count * filters;
    if (filters === blocks * FILTERS) data.set(held.subarray(out, out + across.count * filters), to);
    else
      for (let x = 0, sums = out; x < across.count; x++, sums += blocks * FILTERS)
        data.set(held.subarray(sums, sums + filters), to + x * filters);
  }
  return { height: down.count, width: across.count, channels: filters, data };
}

/**
 * A convolution of each channel by a filter of its own.
 * @param {Step} step @param {Maps} maps @param {ArrayBuffer} file @returns {Maps}
 */
function convolveEach(step, { height, width, channels, data }, file) {
  const [tall, wide] = step.kernel ?? [0, 0];
  const { stride = 1, at = 0 } = step;
  const [down, across] = [windows(height, tall, step), windows(width, wide, step)];
  const weights = new Float32Array(tall * wide * channels);
  widen(new Uint16Array(file, at, weights.length), weights);
  const bias = new Float32Array(file.slice(at + 2 * weights.length, at + 2 * weights.length + 4 * channels));
  const sums = new Float32Array(down.count * across.count * channels);
  for (let y = 0, to = 0; y < down.count; y++)
    for (let x = 0; x < across.count; x++, to += channels) {
      sums.set(bias, to);
      for (let i = 0; i < tall; i++) {
        const line = y * stride - down.before + i;
        if (line < 0 || line >= height) continue; // zeros
        for (let j = 0; j < wide; j++) {
          const column = x * stride - across.before + j;
          if (column < 0 || column >= width) continue;
          const [from, filter] = [(line * width + column) * channels, (i * wide + j) * channels];
          for (let c = 0; c < channels; c++) sums[to + c] += data[from + c] * weights[filter + c];
        }
      }
    }
  return { height: down.count, width: across.count, channels, data: sums };
}

/**
 * Put maps into a field of zeros.
 * @param {Maps} maps @param {Float32Array} field @param {number} line its numbers in a line
 * @param {number} spread @param {number} top @param {number} left
 */
function place({ height, width, channels, data }, field, line, spread, top, left) {
  const [lines, most] = [field.length / line, line / channels - left]; // what a stride passes over isn't there
  for (let y = 0; y < height && top + y * spread < lines; y++) {
    const to = (top + y * spread) * line + left * channels;
    const from = y * width * channels;
    if (spread === 1) field.set(data.subarray(from, from + Math.min(width, most) * channels), to);
    else
      for (let x = 0; x < width && x * spread < most; x++)
        field.set(data.subarray(from + x * channels, from + (x + 1) * channels), to + x * spread * channels);
  }
}

/** Each number four times. @param {Maps} maps @returns {Maps} */
function double({ height, width, channels, data }) {
  const twice = new Float32Array(4 * data.length);
  const line = 2 * width * channels;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const numbers = data.subarray((y * width + x) * channels, (y * width + x + 1) * channels);
      for (const side of [0, 1]) twice.set(numbers, 2 * y * line + (2 * x + side) * channels);
    }
    twice.copyWithin((2 * y + 1) * line, 2 * y * line, (2 * y + 1) * line);
  }
  return { height: 2 * height, width: 2 * width, channels, data: twice };
}

/** Channels of several maps behind each other. @param {Maps[]} all @returns {Maps} */
function join(all) {
  const { height, width } = all[0];
  const channels = all.reduce((sum, maps) => sum + maps.channels, 0);
  const data = new Float32Array(height * width * channels);
  let first = 0;
  for (const maps of all) {
    for (let i = 0; i < height * width; i++)
      data.set(maps.data.subarray(i * maps.channels, (i + 1) * maps.channels), i * channels + first);
    first += maps.channels;
  }
  return { height, width, channels, data };
}

/** Maps of a and b alone. @param {Maps} maps @param {(color: Float32Array, to: Float32Array) => void} make `to` of the numbers of each place @returns {Maps} */
function colored({ height, width, channels, data }, make) {
  const ab = new Float32Array(height * width * 2);
  for (let i = 0; i < height * width; i++)
    make(data.subarray(i * channels, (i + 1) * channels), ab.subarray(2 * i, 2 * i + 2));
  return { height, width, channels: 2, data: ab };
}

const COLDEST = 1e-3; // of all temperatures: the likeliest color alone is left

/**
 * Odds from their logarithms, sharpened: the softmax of scores / temperature.
 * @param {Float32Array} scores @param {number} temperature @param {Float32Array} odds
 */
export function sharpened(scores, temperature, odds) {
  let [most, sum] = [-Infinity, 0];
  for (const score of scores) if (score > most) most = score;
  for (let k = 0; k < scores.length; k++)
    sum += odds[k] = Math.exp((scores[k] - most) / Math.max(COLDEST, temperature));
  for (let k = 0; k < scores.length; k++) odds[k] /= sum;
}

/** The mean of colors by their sharpened odds. @param {Step} step @param {Maps} maps logarithms of the odds */
export function meanColor({ temperature = 1, colors = [] }, maps) {
  const odds = new Float32Array(colors.length);
  return colored(maps, (scores, mean) => {
    sharpened(scores, temperature, odds);
    for (let k = 0; k < colors.length; k++) {
      mean[0] += odds[k] * colors[k][0];
      mean[1] += odds[k] * colors[k][1];
    }
  });
}

/** a and b, interpolated linearly. @param {Maps} maps @param {number} factor @returns {Maps} */
export function enlarge({ height, width, data }, factor) {
  const large = new Float32Array(data.length * factor * factor);
  const rows = taps(height, height * factor, BILINEAR);
  for (const c of [0, 1]) {
    const wide = resizeRows(
      data.filter((_, i) => i % 2 === c),
      width,
      width * factor,
    );
    rows.forEach(({ first, weights }, y) => {
      for (let x = 0; x < width * factor; x++)
        weights.forEach((weight, k) => {
          large[2 * (y * width * factor + x) + c] += weight * wide[(first + k) * width * factor + x];
        });
    });
  }
  return { height: height * factor, width: width * factor, channels: 2, data: large };
}

/** @type {Record<string, (step: Step, all: Maps[]) => Maps>} */
const SIMPLE = {
  bend: ({ slope = 0, most = Infinity }, [maps]) => ({
    ...maps,
    data: maps.data.map((value) => (value < 0 ? slope * value : value > most ? most : value)),
  }),
  scale: ({ by = 1, plus = 0 }, [maps]) => ({ ...maps, data: maps.data.map((value) => value * by + plus) }),
  "mean color": (step, [maps]) => meanColor(step, maps),
  enlarge: ({ factor = 1 }, [maps]) => enlarge(maps, factor),
  "scale chroma": ({ gain = 1, power = 1 }, [maps]) =>
    colored(maps, ([a, b], to) => {
      const scale = gain * Math.hypot(a, b) ** (power - 1);
      to[0] = scale * a;
      to[1] = scale * b;
    }),
  add: (_, [one, other]) => add(one, other),
  mean: (_, [maps]) => mean(maps),
  unit: (_, [maps]) => unit(maps),
  "gray picture": (_, [maps]) => grayPicture(maps),
  "picture's color": ({ chroma = 1 }, [maps]) => picturesColor(maps, chroma),
  double: (_, [maps]) => double(maps),
  join: (_, all) => join(all),
};

/**
 * Weights from a file: unzipped, and the two bytes of each half side by side again.
 * @param {ArrayBuffer} file @returns {Promise<ArrayBuffer>}
 */
export async function unpacked(file) {
  const stream = new Blob([file]).stream().pipeThrough(new DecompressionStream("gzip"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  const count = planes.length / 2;
  const bytes = new Uint8Array(planes.length);
  for (let i = 0; i < count; i++) {
    bytes[2 * i] = planes[i];
    bytes[2 * i + 1] = planes[count + i];
  }
  return bytes.buffer;
}

/** The steps that `last` needs, itself included, in order. @param {Step[]} steps @param {number} last @param {Map<number, Maps>} [known] maps, for which nothing is needed */
export function needed(steps, last, known) {
  const all = new Set([last]);
  for (let i = last; i >= 0; i--) if (all.has(i) && !known?.has(i)) steps[i].reads.forEach((read) => all.add(read));
  return [...all].sort((one, other) => one - other);
}

/**
 * Run a network up to one of its steps.
 * @param {Loop} loop @param {Step[]} steps @param {Maps} input @param {(file: string) => ArrayBuffer} weights of a file
 * @param {number} [last] the step whose maps are wanted @param {Map<number, Maps>} [kept] maps that are known; new ones are added
 * @returns {Maps}
 */
export function run(loop, steps, input, weights, last = steps.length - 1, kept) {
  const made = kept ?? new Map();
  made.set(0, input);
  const order = needed(steps, last, made);
  order.forEach((i, at) => {
    if (made.has(i)) return;
    const step = steps[i];
    const all = step.reads.map((read) => /** @type {Maps} */ (made.get(read)));
    if (step.kind === "convolve") made.set(i, convolve(loop, step, all[0], weights(step.file ?? "")));
    else if (step.kind === "convolve each") made.set(i, convolveEach(step, all[0], weights(step.file ?? "")));
    else made.set(i, SIMPLE[step.kind](step, all));
    if (kept) return;
    const later = new Set(order.slice(at + 1).flatMap((next) => steps[next].reads));
    for (const read of step.reads) if (!later.has(read)) made.delete(read);
  });
  return /** @type {Maps} */ (made.get(last));
}
