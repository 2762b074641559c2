// One number of a network, taken apart: the numbers that it was made of, step by step down to the photograph's gray.

import { grayOfLightness } from "./color.js";
import { FILTERS, sharpened, widen, windows } from "./network.js";
import { BILINEAR, taps } from "./resize.js";

/** @typedef {import("./network.js").Maps} Maps */
/** @typedef {import("./network.js").Step} Step */
/** @typedef {{step: number, y: number, x: number, c: number}} Place of a number */
/** @typedef {{from: Place, value: number, weight?: number, at?: [number, number]}} Term `weight`: unless the step is no sum; `at`: line and column of the kernel */
/** @typedef {{terms: Term[], bias: number, sum: number, value: number, kernel?: [number, number]}} Made `value`: the sum, bent */
/** @typedef {[number, number, number, number, number?, number?][]} From which of the step's `reads`, y, x, channel, weight; a value other than the one there */

/** @param {number} count */
const range = (count) => Array.from({ length: count }, (_, i) => i);

/** What a step computes, where `step` bends its numbers and nothing else reads them: both are shown as one. @param {Step[]} steps @param {number} step */
export function bentBy(steps, step) {
  const { kind, reads } = steps[step];
  const alone = kind === "bend" && reads[0] > 0 && steps.filter((next) => next.reads.includes(reads[0])).length === 1;
  return alone ? reads[0] : step;
}

/** The steps that a reader sees. @param {Step[]} steps */
export function shown(steps) {
  const inner = steps.map((_, i) => bentBy(steps, i)).filter((step, i) => step !== i);
  return range(steps.length).filter((i) => !inner.includes(i));
}

/** The numbers under a window, with their weights. @param {Step} step @param {Place} place @param {Maps} maps @param {ArrayBuffer} file */
function under({ kind, kernel, reads, stride = 1, spread = 1, at: start = 0 }, { y, x, c }, maps, file) {
  const [tall, wide, deep, filters] = kernel ?? [0, 0, 0, 0];
  const each = kind === "convolve each";
  const [top, left] = [
    windows(maps.height, tall, { stride, spread }).before,
    windows(maps.width, wide, { stride, spread }).before,
  ];
  const weights = new Float32Array(tall * wide * deep * (each ? 1 : Math.ceil(filters / FILTERS) * FILTERS));
  widen(new Uint16Array(file, start, weights.length), weights);
  const block = Math.floor(c / FILTERS) * tall * wide * deep;
  /** @type {Term[]} */
  const terms = [];
  for (let i = 0; i < tall; i++)
    for (let j = 0; j < wide; j++) {
      const [row, column] = [(y * stride + i - top) / spread, (x * stride + j - left) / spread];
      if (row % 1 || column % 1 || row < 0 || column < 0 || row >= maps.height || column >= maps.width) continue;
      for (const k of each ? [c] : range(deep)) {
        const n = (i * wide + j) * deep + k;
        const weight = weights[each ? n : (block + n) * FILTERS + (c % FILTERS)];
        const value = maps.data[(row * maps.width + column) * maps.channels + k];
        terms.push({ from: { step: reads[0], y: row, x: column, c: k }, value, weight, at: [i, j] });
      }
    }
  return { terms, bias: new DataView(file).getFloat32(start + 2 * weights.length + 4 * c, true) };
}

/** @type {Record<string, (step: Step, place: Place, all: Maps[]) => From>} */
const FROM = {
  bend: (_, { y, x, c }) => [[0, y, x, c, 1]],
  scale: ({ by = 1 }, { y, x, c }) => [[0, y, x, c, by]],
  double: (_, { y, x, c }) => [[0, y >> 1, x >> 1, c, 1]],
  add: (_, { y, x, c }, [, { width, height }]) => [
    [0, y, x, c, 1],
    width * height === 1 ? [1, 0, 0, c, 1] : [1, y, x, c, 1],
  ],
  join: (_, { y, x, c }, all) => {
    let which = 0;
    while (c >= all[which].channels) c -= all[which++].channels;
    return [[which, y, x, c, 1]];
  },
  mean: (_, { c }, [{ height, width }]) =>
    range(height * width).map((i) => [0, Math.floor(i / width), i % width, c, 1 / (height * width)]),
  unit: (_, place, [maps]) => [
    [0, place.y, place.x, place.c, 1 / Math.max(1e-12, Math.hypot(...numbers(maps, place)))],
  ],
  "scale chroma": ({ gain = 1, power = 1 }, place, [maps]) => {
    const { y, x, c } = place;
    return [[0, y, x, c, gain * Math.hypot(...numbers(maps, place)) ** (power - 1)]];
  },
  "mean color": ({ temperature = 1, colors = [] }, place, [maps]) => {
    const odds = new Float32Array(colors.length);
    sharpened(numbers(maps, place), temperature, odds);
    return colors.map((ab, k) => [0, place.y, place.x, k, ab[place.c], odds[k]]);
  },
  enlarge: ({ factor = 1 }, { y, x, c }, [{ height, width }]) => {
    const [rows, columns] = [taps(height, height * factor, BILINEAR)[y], taps(width, width * factor, BILINEAR)[x]];
    return [...rows.weights].flatMap((down, i) =>
      [...columns.weights].map(
        (across, j) => /** @type {From[0]} */ ([0, rows.first + i, columns.first + j, c, down * across]),
      ),
    );
  },
  "gray picture": (_, { y, x }) => [[0, y, x, 0]],
  "picture's color": (_, { y, x }) => [0, 1, 2].map((c) => [0, y, x, c]),
};

/** All channels of a pixel. @param {Maps} maps @param {Place} place */
const numbers = ({ width, channels, data }, { y, x }) =>
  data.subarray((y * width + x) * channels, (y * width + x + 1) * channels);

/** @param {Step} step @param {Place} place @param {Maps[]} all */
function plain(step, place, all) {
  const terms = (FROM[step.kind]?.(step, place, all) ?? []).map(([which, y, x, c, weight, value]) => {
    const from = { step: step.reads[which], y, x, c };
    return { from, value: value ?? numbers(all[which], from)[c], weight };
  });
  return { terms, bias: step.plus ?? 0 };
}

/**
 * Take a number apart.
 * @param {Step[]} steps @param {Place} place @param {(step: number) => Maps} mapsOf @param {(file: string) => ArrayBuffer} weights of a file
 * @returns {Made} the terms with the largest products first
 */
export function made(steps, place, mapsOf, weights) {
  const step = steps[bentBy(steps, place.step)];
  const convolves = step.kind.startsWith("convolve");
  const { terms, bias } = convolves
    ? under(step, place, mapsOf(step.reads[0]), weights(step.file ?? ""))
    : plain(step, place, step.reads.map(mapsOf));
  const size = (/** @type {Term} */ { value, weight = 1 }) => Math.abs(value * weight);
  terms.sort((one, other) => size(other) - size(one));
  const linear = terms.length && terms.every(({ weight }) => weight !== undefined);
  const there = numbers(mapsOf(place.step), place)[place.c];
  const sum = linear ? terms.reduce((total, { value, weight = 0 }) => total + value * weight, bias) : there;
  const { kind, slope = 0, most = Infinity } = steps[place.step];
  const value = kind === "bend" ? (sum < 0 ? slope * sum : Math.min(sum, most)) : sum;
  return { terms, bias, sum, value, kernel: convolves && step.kernel ? [step.kernel[0], step.kernel[1]] : undefined };
}

const LARGE = 2e6; // bytes of a step's maps; smaller ones stay, larger ones while their neighbors are looked at
const NEAR = 4; // steps
const SMALL = 40; // lines of a small picture
const SMALL_PICTURES = 3;

/** A map in gray, from its smallest number, black, to its largest, white. @param {Maps} maps @param {number} c @param {number} lines at most */
function picture({ height, width, channels, data }, c, lines) {
  const every = Math.max(1, Math.ceil(height / lines));
  let [low, high] = [Infinity, -Infinity];
  for (let i = c; i < data.length; i += channels) [low, high] = [Math.min(low, data[i]), Math.max(high, data[i])];
  const image = new ImageData(Math.ceil(width / every), Math.ceil(height / every));
  for (let i = 0; i < image.width * image.height; i++) {
    const at = Math.floor(i / image.width) * every * width + (i % image.width) * every;
    const gray = (255 * (data[at * channels + c] - low)) / (high - low || 1);
    image.data.set([gray, gray, gray, 255], 4 * i);
  }
  return { image, low, high };
}

const PLACES = "in the maps before, in every channel, are multiplied by a weight each";
const SUM = "The products and a bias are added. Places outside a map count as 0.";

/** What steps are called, and how they make a number. @type {Record<string, (step: Step, size: string) => [string, string]>} */
const WORDS = {
  input: () => ["What the network sees", "L of your photograph divided by 100: from 0, black, to 1, white."],
  transposed: ({ spread }, size) => [
    `Transposed convolution, ${size}, to maps ${spread} times as wide and high`,
    `Zeros are put between the numbers of the maps before. The numbers under a window of ${size} places ${PLACES}. ${SUM}`,
  ],
  convolve: ({ stride = 1 }, size) => [
    size === "1 × 1" ? "Pointwise convolution" : `Convolution, ${size}${stride > 1 ? `, stride ${stride}` : ""}`,
    `The numbers under a window of ${size} ${PLACES}. ${SUM}`,
  ],
  "convolve each": ({ stride = 1 }, size) => [
    `Depthwise convolution, ${size}${stride > 1 ? `, stride ${stride}` : ""}`,
    `Only the same channel before counts: its numbers under a window of ${size} are multiplied by a weight each. ${SUM}`,
  ],
  bend: ({ slope, most }) =>
    slope
      ? ["Leaky ReLU", `a number below 0 is multiplied by ${slope}.`]
      : [
          most ? `ReLU${most}` : "ReLU",
          `a number below 0 becomes 0${most ? `, above ${most} it becomes ${most}` : ""}.`,
        ],
  scale: () => ["Scaling", "Every number is multiplied by one factor, and another number is added."],
  double: () => ["Upsampling", "Each number before fills 2 × 2 places, so that maps become twice as wide and high."],
  add: () => ["Addition", "The numbers of two steps at the same place are added."],
  join: () => ["Concatenation", "The channels of two steps stand one behind the other. Each number stays as it was."],
  mean: () => ["Mean over all places", "Each channel becomes one number, its mean."],
  unit: () => [
    "Division by the length",
    "The channels of a place are divided by one number: their squares then add up to 1.",
  ],
  "mean color": () => ["Mean color", "Scores become odds. Each color is multiplied by its odds, and all are added."],
  enlarge: () => ["Enlargement", "The nearest numbers before are weighted by how near they are."],
  "scale chroma": () => ["More chroma", "a and b are multiplied by one factor, which depends on their chroma."],
  "gray picture": () => ["Gray picture", "The gray that has this L, the same in R, G and B."],
  "picture's color": () => ["Color of the picture", "a and b of the painted R, G and B."],
};

/** @param {Step} step */
const words = (step) =>
  WORDS[(step.spread ?? 1) > 1 ? "transposed" : step.kind](step, (step.kernel ?? []).slice(0, 2).join(" × "));

/** @type {MessagePort | undefined} */
let open; // where questions come from

/** Answer no more: the page has another photograph. */
export function close() {
  open?.close();
  open = undefined;
}

/**
 * Tell a page the steps of its network, one after the other, and take numbers apart when it asks.
 * @param {MessagePort} port @param {import("./models.js").Model} model @param {{L: Float32Array, width: number, height: number}} input
 */
export async function answer(port, { about, weights, predict }, { L, width, height }) {
  close();
  open = port;
  const { steps } = about;
  const seen = shown(steps);
  /** @type {Map<number, Maps>} */
  const kept = new Map();
  const mapsOf = (/** @type {number} */ step) => {
    const maps = predict(L, width, height, step, kept);
    for (const [i, { data }] of kept)
      if (!seen.includes(i) || (data.byteLength > LARGE && Math.abs(i - step) > NEAR)) kept.delete(i);
    return maps;
  };
  port.onmessage = ({ data: place }) => tell(port, () => numberOf(place));
  for (const step of seen) {
    tell(port, () => ({ layer: layerOf(step) }));
    await new Promise((resolve) => setTimeout(resolve)); // for what else the page wants
    if (open !== port) return;
  }

  /** @param {number} step */
  function layerOf(step) {
    const maps = mapsOf(step);
    const inner = bentBy(steps, step);
    const [[name, how], [bend, then]] = [words(steps[inner]), inner === step ? [] : words(steps[step])];
    return {
      step,
      name: bend ? `${name}, then ${bend}` : name,
      how: bend ? `${how} ${bend}: ${then}` : how,
      bend,
      ...{ height: maps.height, width: maps.width, channels: maps.channels, last: step === steps.length - 1 },
      pictures: range(Math.min(SMALL_PICTURES, maps.channels)).map((c) => picture(maps, c, SMALL).image),
    };
  }

  /** @param {Place} place */
  function numberOf(place) {
    const found = made(steps, place, mapsOf, () => weights);
    const [L, ab] = [100 * found.value, about.chroma_scale * found.value];
    const said = new Map([
      [0, `It is L = ${L.toFixed(1)} of your photograph, the gray ${Math.round(255 * grayOfLightness(L))} of 255.`],
      [steps.length - 1, `Times ${about.chroma_scale} it is ${"ab"[place.c]} = ${ab.toFixed(1).replace("-", "−")}.`],
    ]);
    return { place, made: found, end: said.get(place.step) ?? "", ...picture(mapsOf(place.step), place.c, Infinity) };
  }
}

/** @param {MessagePort} port @param {() => Record<string, unknown>} find */
function tell(port, find) {
  try {
    port.postMessage(find());
  } catch (error) {
    port.postMessage({ failed: `This could not be computed: ${error instanceof Error ? error.message : error}.` });
  }
}
