// Three ways to double height and width, input by input (chapter 05). The arithmetic is that of colorize_lib/steps.py.

import { h, options } from "./dom.js";
import { choice, grid, number, square, stepper, weight } from "./stepping.js";

const WAYS = ["transposed", "nearest", "bilinear"];

/**
 * How much an input adds to an output in one dimension, without a stamp.
 * @param {string} way @param {number} size @param {number} input @param {number} output
 */
function share(way, size, input, output) {
  const near = Math.floor(output / 2);
  if (way === "nearest") return input === near ? 1 : 0;
  const other = Math.min(Math.max(near + (output % 2 ? 1 : -1), 0), size - 1); // past the border the last value is kept
  return (input === near ? 0.75 : 0) + (input === other ? 0.25 : 0);
}

/**
 * What the input at a row and a column adds to each output, as a part of its value.
 * @param {string} way @param {number} size @param {number[][]} stamp @param {number} row @param {number} column
 */
export function weights(way, size, stamp, row, column) {
  return square(2 * size, (i, j) =>
    way === "transposed"
      ? (stamp[i - 2 * row]?.[j - 2 * column] ?? 0)
      : share(way, size, row, i) * share(way, size, column, j),
  );
}

/**
 * Outputs, and how many inputs reached each of them, after some steps.
 * @param {number[][]} code @param {string} way @param {number[][]} stamp @param {number} step
 */
export function upsample(code, way, stamp, step) {
  const size = code.length;
  const ones = stamp.map((line) => line.map(() => 1));
  const outputs = square(2 * size, () => 0);
  const reached = square(2 * size, () => 0);
  let current = square(2 * size, () => 0);
  for (let k = 0; k < step; k++) {
    const [row, column] = [Math.floor(k / size), k % size];
    const added = weights(way, size, stamp, row, column);
    current = weights(way, size, ones, row, column);
    square(2 * size, (i, j) => {
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
    stamp.element.hidden = way.value() !== "transposed";
    steps.restart(codes[code.value()].length ** 2);
  };
  const way = choice("Way", WAYS, restart);
  const code = choice("Input", Object.keys(codes), restart);
  const stamp = choice("Stamp", Object.keys(stamps), restart);
  const steps = stepper((step) => {
    const [values, print] = [codes[code.value()], stamps[stamp.value()]];
    const state = upsample(values, way.value(), print, step);
    grids.replaceChildren(...drawn(values, way.value(), print, step, state));
    said.textContent = spoken(values, way.value(), step, state);
  });
  const controls = [way, code, stamp].map((control) => control.element);
  element.replaceChildren(h("div", { class: "controls" }, ...controls), steps.element, said, grids);
  restart();
}

/**
 * @param {number[][]} code @param {string} way @param {number} step @param {ReturnType<typeof upsample>} state
 */
function spoken(code, way, step, { reached, current }) {
  const size = code.length;
  if (!step) return `Predict which of the ${2 * size} by ${2 * size} outputs the first input reaches, then step.`;
  const value = number(code.flat()[step - 1]);
  const added = current.flat().filter((part) => part > 0).length;
  const action = way === "transposed" ? `prints ${value} times the stamp on` : `adds its share of ${value} to`;
  const once = `Input ${step} ${action} ${added} outputs.`;
  const counts = [...new Set(reached.flat())].sort((one, other) => one - other).map(number);
  if (step < size * size) return once;
  return counts.length > 1
    ? `${once} Outputs are reached by ${counts.join(", ")} inputs: unevenly.`
    : `${once} Every output is reached by ${counts[0]}.`;
}

/**
 * @param {number[][]} code @param {string} way @param {number[][]} stamp @param {number} step
 * @param {ReturnType<typeof upsample>} state
 */
function drawn(code, way, stamp, step, { outputs, reached, current }) {
  /** @param {number} i @param {number} j */
  const look = (i, j) => `${reached[i][j] ? "" : "unknown "}${current[i][j] > 0 ? "now" : ""}`;
  const [low, high] = [Math.min(0, ...outputs.flat()), Math.max(...code.flat(), ...outputs.flat(), 1)];
  return [
    grid("Input", code, { gray: [low, high], look: (i, j) => (i * code.length + j === step - 1 ? "now" : "") }),
    ...(way === "transposed" ? [grid("Stamp", stamp, { write: weight })] : []),
    grid("Output so far", outputs, { gray: [low, high], look }),
    grid("Inputs that reached it", reached, { gray: [0, 4], look }),
  ];
}
