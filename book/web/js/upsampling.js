// Three ways to grow, input by input (chapter 05). The arithmetic is that of colorize_lib/figures/arithmetic.py.

import { h, options } from "./dom.js";
import { choice, grid, number, square, stepper, weight } from "./stepping.js";

/** @typedef {{name: string, stride: number, padding: string}} Way How to grow; only "transposed" has a choice of the last two. */

const WAYS = ["transposed", "nearest", "bilinear"];
const STAMP = 3; // height and width

/** Height and width of the output. @param {Way} way @param {number} size of the input */
function grown({ name, stride, padding }, size) {
  if (name !== "transposed") return 2 * size;
  return padding === "same" ? size * stride : (size - 1) * stride + STAMP;
}

/**
 * How much an input adds to an output in one dimension, without a stamp.
 * @param {string} name @param {number} size @param {number} input @param {number} output
 */
function share(name, size, input, output) {
  const near = Math.floor(output / 2);
  if (name === "nearest") return input === near ? 1 : 0;
  const other = Math.min(Math.max(near + (output % 2 ? 1 : -1), 0), size - 1); // past the border the last value is kept
  return (input === near ? 0.75 : 0) + (input === other ? 0.25 : 0);
}

/**
 * What the input at a row and a column adds to each output, as a part of its value.
 * @param {Way} way @param {number} size @param {number[][]} stamp @param {number} row @param {number} column
 */
export function weights(way, size, stamp, row, column) {
  const { name, stride, padding } = way;
  const cut = padding === "same" ? Math.floor((STAMP - stride) / 2) : 0; // rows and columns before the first that is kept
  return square(grown(way, size), (i, j) =>
    name === "transposed"
      ? (stamp[i + cut - stride * row]?.[j + cut - stride * column] ?? 0)
      : share(name, size, row, i) * share(name, size, column, j),
  );
}

/**
 * Outputs, and how many inputs reached each of them, after some steps.
 * @param {number[][]} code @param {Way} way @param {number[][]} stamp @param {number} step
 */
export function upsample(code, way, stamp, step) {
  const size = code.length;
  const ones = stamp.map((line) => line.map(() => 1));
  const zeros = () => square(grown(way, size), () => 0);
  const [outputs, reached] = [zeros(), zeros()];
  let current = zeros();
  for (let k = 0; k < step; k++) {
    const [row, column] = [Math.floor(k / size), k % size];
    const added = weights(way, size, stamp, row, column);
    current = weights(way, size, ones, row, column);
    square(outputs.length, (i, j) => {
      outputs[i][j] += added[i][j] * code[row][column];
      reached[i][j] += current[i][j] > 0 ? 1 : 0;
    });
  }
  return { outputs, reached, current };
}

/** @param {HTMLElement} element */
export function mount(element) {
  /** @type {{codes: Record<string, number[][]>, stamps: Record<string, number[][]>}} */
  const { codes, stamps } = options(element);
  const grids = h("div", { class: "grids" });
  const said = h("p", { role: "status" });
  const restart = () => {
    for (const { element } of [stamp, stride, padding]) element.hidden = name.value() !== "transposed";
    steps.restart(codes[code.value()].length ** 2);
  };
  const name = choice("Way", WAYS, restart);
  const code = choice("Input", Object.keys(codes), restart);
  const stamp = choice("Stamp", Object.keys(stamps), restart);
  const stride = choice("Stride", ["2", "1", "3"], restart);
  const padding = choice("Padding", ["same", "valid"], restart);
  const steps = stepper((step) => {
    const [values, print] = [codes[code.value()], stamps[stamp.value()]];
    const way = { name: name.value(), stride: Number(stride.value()), padding: padding.value() };
    const state = upsample(values, way, print, step);
    grids.replaceChildren(...drawn(values, way, print, step, state));
    said.textContent = spoken(values, way, step, state);
  });
  const controls = [name, code, stamp, stride, padding].map((control) => control.element);
  element.replaceChildren(h("div", { class: "controls" }, ...controls), steps.element, said, grids);
  restart();
}

/**
 * @param {number[][]} code @param {Way} way @param {number} step @param {ReturnType<typeof upsample>} state
 */
function spoken(code, way, step, { reached, current }) {
  const [size, side] = [code.length, reached.length];
  if (!step) return `Predict which of the ${side} by ${side} outputs the first input reaches, then step.`;
  const value = number(code.flat()[step - 1]);
  const added = current.flat().filter((part) => part > 0).length;
  const action = way.name === "transposed" ? `prints ${value} times the stamp on` : `adds its share of ${value} to`;
  const once = `Input number ${step} ${action} ${added} outputs.`;
  const counts = [...new Set(reached.flat())].sort((one, other) => one - other).map(number);
  if (step < size * size) return once;
  return counts.length > 1
    ? `${once} Outputs are reached by ${counts.join(", ")} inputs: unevenly.`
    : `${once} Every output is reached by ${counts[0]}.`;
}

/**
 * @param {number[][]} code @param {Way} way @param {number[][]} stamp @param {number} step
 * @param {ReturnType<typeof upsample>} state
 */
function drawn(code, way, stamp, step, { outputs, reached, current }) {
  /** @param {number} i @param {number} j */
  const look = (i, j) => `${reached[i][j] ? "" : "unknown "}${current[i][j] > 0 ? "now" : ""}`;
  const [low, high] = [Math.min(0, ...outputs.flat()), Math.max(...code.flat(), ...outputs.flat(), 1)];
  return [
    grid("Input", code, { gray: [low, high], look: (i, j) => (i * code.length + j === step - 1 ? "now" : "") }),
    ...(way.name === "transposed" ? [grid("Stamp", stamp, { write: weight })] : []),
    grid("Output so far", outputs, { gray: [low, high], look }),
    grid("Inputs that reached it", reached, { gray: [0, Math.max(4, ...reached.flat())], look }),
  ];
}
