// The graph of an ONNX file as steps that network.js runs: those that the course's own exports have, and no others.

import { FILTERS } from "./network.js";

/** @typedef {import("./network.js").Step} Step */
/** @typedef {{step: number, channels: number, scale: number, odds?: Step}} Value what a node gives: `scale` is its side, of the photograph's; 0 for a single place */

const FLOAT32 = 1;
const FLOAT16 = 10;
const MOST_WORK = 1e5; // multiplications a pixel of the photograph: the course's largest network has a third of it
export const FILE = "own"; // what the steps call the file of their weights

/** Translates one graph: values and numbers by name. */
class Translation {
  /** @type {Step[]} */
  steps = [{ kind: "input", reads: [] }];
  /** @type {Map<string, Value>} */
  made = new Map();
  /** @type {Uint8Array<ArrayBuffer>[]} */
  weights = [];
  size = 0; // of the weights, in bytes
  work = 0;
  smallest = 1; // scale of maps that are enlarged

  /** @param {import("./onnx-file.js").Network} network */
  constructor(network) {
    this.held = new Map(network.numbers.map((numbers) => [numbers.name, numbers]));
    this.made.set(network.inputs[0].name, { step: 0, channels: 1, scale: 1 });
  }

  /** Numbers of a name, if it has any. @param {string} name @param {number} kind */
  numbers(name, kind) {
    const held = this.held.get(name);
    if (!held || held.kind !== kind) return undefined;
    const raw = held.raw.slice().buffer; // from now on where numbers may begin
    const data = kind === FLOAT32 ? new Float32Array(raw) : new Uint16Array(raw);
    if (data.length !== held.dims.reduce((product, side) => product * side, 1))
      throw new Error(`numbers ${name} of another shape than they have`);
    return { dims: held.dims, data };
  }

  /** A single number, if the name is one's. @param {string} name */
  number(name) {
    const found = this.numbers(name, FLOAT32);
    return found?.data.length === 1 ? found.data[0] : undefined;
  }

  /** @param {string} name @returns {Value} */
  value(name) {
    const found = this.made.get(name);
    if (!found) throw new Error(`a step that reads '${name}', which no step gives`);
    return found;
  }

  /** @param {Omit<Step, "reads">} step @param {Value[]} reads @param {Partial<Value>} [changed] @returns {Value} */
  add(step, reads, changed) {
    this.steps.push({ ...step, reads: reads.map((read) => read.step) });
    const { channels, scale } = { ...reads[0], ...changed };
    return { channels, scale, step: this.steps.length - 1 };
  }

  /** Put a kernel and its bias where `at` says. @param {Uint16Array} kernel @param {Float32Array} bias */
  keep(kernel, bias) {
    const at = this.size;
    for (const part of [kernel, bias]) {
      this.weights.push(new Uint8Array(/** @type {ArrayBuffer} */ (part.buffer)));
      this.size += part.byteLength;
    }
    return { file: FILE, at };
  }

  /** What maps become when they are enlarged. @param {Value} read @param {number} factor */
  enlarged({ scale }, factor) {
    this.smallest = Math.min(this.smallest, scale);
    ask(scale * factor <= 1, "maps larger than the photograph");
    return scale * factor;
  }

  /** Count the multiplications of a convolution. @param {number[]} kernel @param {number} scale of what it gives */
  count(kernel, scale) {
    this.work += kernel.reduce((product, side) => product * side, scale ** 2);
    if (this.work > MOST_WORK) throw new Error(`more than ${MOST_WORK} multiplications a pixel`);
  }
}

/** @param {unknown} met @param {string} what */
function ask(met, what) {
  if (!met) throw new Error(what);
}

/** A bias, filled up to whole eights where the loop asks for that. @param {Float32Array | Uint16Array | undefined} data @param {number} filters @param {number} filled */
function biasOf(data, filters, filled) {
  ask(!data || data.length === filters, "a bias of another length than its filters");
  const bias = new Float32Array(filled);
  bias.set(data ?? []);
  return bias;
}

/** A convolution, or one whose input is spread out. @param {Translation} to @param {import("./onnx-file.js").Node} node @param {boolean} spread */
function convolve(to, { reads, facts }, spread) {
  const read = to.value(reads[0]);
  if (read.odds) return meanColor(to, read, reads[1]);
  const held = to.numbers(reads[1], FLOAT16);
  ask(held?.dims.length === 4, "a convolution whose kernel isn't stored in float16");
  const { dims, data } = /** @type {{dims: number[], data: Uint16Array}} */ (held);
  const bias = reads[2] === undefined ? undefined : to.numbers(reads[2], FLOAT32);
  ask(reads[2] === undefined || bias, "a bias that isn't stored in float32");
  const [stride, other = stride] = facts.strides ?? [1, 1];
  const [tall, wide] = dims.slice(2);
  ask(
    stride === other && stride >= 1 && !(facts.dilations ?? []).some((/** @type {number} */ one) => one !== 1),
    "uneven strides",
  );
  if (facts.group > 1) return convolveEach(to, read, dims, data, bias?.data, facts);
  const [channels, filters] = spread ? dims : [dims[1], dims[0]];
  ask(channels === read.channels, `a convolution of ${channels} channels where there are ${read.channels}`);
  if (spread) askSpread(facts, tall, wide, stride);
  else askSame(facts, tall, wide);
  const [blocks, count] = [Math.ceil(filters / FILTERS), tall * wide * channels];
  const kernel = new Uint16Array(blocks * count * FILTERS);
  for (let f = 0, from = 0; f < filters; f++)
    for (let c = 0; c < channels; c++) {
      if (spread) from = (c * filters + f) * tall * wide;
      for (let i = 0; i < tall * wide; i++, from++) {
        const place = spread ? tall * wide - 1 - i : i; // ONNX turns the kernel of a spread input round
        kernel[((f >> 3) * count + place * channels + c) * FILTERS + (f & 7)] = data[from];
      }
    }
  const size = /** @type {[number, number, number, number]} */ ([tall, wide, channels, filters]);
  const scale = spread ? to.enlarged(read, stride) : read.scale / stride;
  to.count(size, scale);
  const step = spread ? { stride: 1, spread: stride } : { stride, spread: 1 };
  const kept = to.keep(kernel, biasOf(bias?.data, filters, blocks * FILTERS));
  return to.add({ kind: "convolve", kernel: size, ...step, ...kept }, [read], { channels: filters, scale });
}

/** @param {Translation} to @param {Value} read @param {number[]} dims @param {Uint16Array} data @param {Float32Array | Uint16Array | undefined} bias @param {Record<string, any>} facts */
function convolveEach(to, read, [filters, one, tall, wide], data, bias, facts) {
  ask(one === 1 && filters === read.channels && facts.group === filters, "a convolution in groups of channels");
  askSame(facts, tall, wide);
  const kernel = new Uint16Array(filters * tall * wide);
  for (let c = 0; c < filters; c++)
    for (let i = 0; i < tall * wide; i++) kernel[i * filters + c] = data[c * tall * wide + i];
  const stride = facts.strides?.[0] ?? 1;
  const scale = read.scale / stride;
  to.count([tall, wide, filters], scale);
  const size = /** @type {[number, number, number, number]} */ ([tall, wide, filters, 1]);
  const kept = to.keep(kernel, biasOf(bias, filters, filters));
  return to.add({ kind: "convolve each", kernel: size, stride, ...kept }, [read], { scale });
}

/** @param {Record<string, any>} facts @param {number} tall @param {number} wide */
function askSame(facts, tall, wide) {
  const single = tall === 1 && wide === 1 && !facts.auto_pad && !facts.pads;
  ask(single || facts.auto_pad === "SAME_UPPER", "a convolution that isn't padded to the same size");
}

/** @param {Record<string, any>} facts @param {number} tall @param {number} wide @param {number} spread */
function askSpread(facts, tall, wide, spread) {
  const cut = Math.max(tall - spread, 0);
  const [first, last] = [Math.floor(cut / 2), Math.ceil(cut / 2)];
  const [pads, more] = [facts.pads ?? [0, 0, 0, 0], facts.output_padding ?? [0, 0]];
  const wanted = [first, first, last, last, ...[1, 1].map(() => Math.max(spread - tall, 0))];
  ask(
    tall === wide && String([...pads, ...more]) === String(wanted),
    "an enlarging convolution that isn't padded to a whole multiple",
  );
}

/** The mean of colors by their odds. @param {Translation} to @param {Value} read @param {string} name of the colors */
function meanColor(to, { odds, channels, scale, step }, name) {
  const held = to.numbers(name, FLOAT32);
  ask(held?.dims.join() === `2,${channels},1,1`, "odds of other colors than it has");
  const data = held?.data ?? [];
  const colors = /** @type {[number, number][]} */ (
    Array.from({ length: channels }, (_, i) => [data[i], data[channels + i]])
  );
  const mean = { kind: /** @type {const} */ ("mean color"), temperature: odds?.temperature, colors };
  return to.add(mean, [{ step: odds?.reads[0] ?? step, channels, scale }], { channels: 2 });
}

/** Odds from scores; what these were multiplied by before is the temperature. @param {Translation} to @param {string} name */
function odds(to, name) {
  const read = to.value(name);
  const { kind, by = 1, reads } = to.steps[read.step];
  const scaled = kind === "scale" && by > 0;
  return {
    ...read,
    odds: { ...to.steps[read.step], temperature: scaled ? 1 / by : 1, reads: scaled ? reads : [read.step] },
  };
}

/** A sum or product with a number, or a sum of maps. @param {Translation} to @param {import("./onnx-file.js").Node} node */
function combine(to, { kind, reads: [one, other] }) {
  const read = to.value(one);
  const number = to.number(other);
  if (number !== undefined)
    return to.add({ kind: "scale", by: kind === "Mul" ? number : 1, plus: kind === "Mul" ? 0 : number }, [read]);
  const second = to.value(other);
  ask(kind === "Add" && second.channels === read.channels, "a product, or a sum of maps that don't fit");
  ask([read.scale, 0].includes(second.scale), "a sum of maps of other sizes");
  return to.add({ kind: "add" }, [read, second]);
}

/** @param {Translation} to @param {import("./onnx-file.js").Node} node */
function resize(to, { reads, facts }) {
  const read = to.value(reads[0]);
  const [, , factor, across] = to.numbers(reads[2], FLOAT32)?.data ?? [];
  const way = `${facts.mode} ${facts.coordinate_transformation_mode}`;
  const double = way === "nearest asymmetric" && factor === 2;
  const enlarge = way === "linear half_pixel" && Number.isInteger(factor) && factor > 0 && read.channels === 2;
  ask(factor === across && (double || enlarge), "an enlargement of another kind");
  const scale = to.enlarged(read, factor);
  return to.add(double ? { kind: "double" } : { kind: "enlarge", factor }, [read], { scale });
}

/** @param {Translation} to @param {import("./onnx-file.js").Node} node */
function join(to, { reads, facts }) {
  const all = reads.map((name) => to.value(name));
  ask(facts.axis === 1 && all.every(({ scale }) => scale === all[0].scale), "maps of other sizes side by side");
  return to.add({ kind: "join" }, all, { channels: all.reduce((sum, { channels }) => sum + channels, 0) });
}

/** What each kind of node becomes. @type {Record<string, (to: Translation, node: import("./onnx-file.js").Node) => Value>} */
const NODES = {
  Transpose: (to, { reads }) => to.value(reads[0]), // maps here have their channels last
  Conv: (to, node) => convolve(to, node, false),
  ConvTranspose: (to, node) => convolve(to, node, true),
  Relu: (to, { reads }) => to.add({ kind: "bend", slope: 0 }, [to.value(reads[0])]),
  LeakyRelu: (to, { reads, facts }) => to.add({ kind: "bend", slope: facts.alpha }, [to.value(reads[0])]),
  Clip: (to, { reads: [read, least, most] }) => {
    ask(to.number(least) === 0 && to.number(most), "a bend that doesn't begin at 0");
    return to.add({ kind: "bend", slope: 0, most: to.number(most) }, [to.value(read)]);
  },
  Add: combine,
  Mul: combine,
  Resize: resize,
  Concat: join,
  Softmax: (to, { reads, facts }) => {
    ask(facts.axis === 1, "odds of other things than colors");
    return odds(to, reads[0]);
  },
  GlobalAveragePool: (to, { reads }) => to.add({ kind: "mean" }, [to.value(reads[0])], { scale: 0 }),
  LpNormalization: (to, { reads, facts }) => {
    ask(facts.axis === 1 && (facts.p ?? 2) === 2, "lengths of another kind");
    return to.add({ kind: "unit" }, [to.value(reads[0])]);
  },
};

/**
 * The steps of a network from L to a and b, and their weights; an error names what isn't known here.
 * @param {import("./onnx-file.js").Network} network
 * @returns {{steps: Step[], weights: ArrayBuffer, multiple: number}} `multiple`: what height and width must be multiples of
 */
export function stepsOf(network) {
  const to = new Translation(network);
  for (const node of network.nodes) {
    const { kind, reads, gives } = node;
    const halves = kind === "Cast" && to.held.get(reads[0]);
    if (halves) {
      to.held.set(gives[0], halves);
      continue;
    }
    ask(Object.hasOwn(NODES, kind), `a step '${kind}'`);
    to.made.set(gives[0], NODES[kind](to, node));
  }
  const { step, channels, scale } = to.value(network.outputs[0].name);
  ask(step === to.steps.length - 1 && channels === 2 && scale === 1, "an answer that isn't a and b of each pixel");
  const weights = new Uint8Array(to.size);
  let at = 0;
  for (const part of to.weights) {
    weights.set(part, at);
    at += part.length;
  }
  return { steps: to.steps, weights: weights.buffer, multiple: 1 / to.smallest };
}
