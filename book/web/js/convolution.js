// A convolution, step by step (chapter 04). The arithmetic is that of colorize_lib/figures/arithmetic.py.

import { h, options } from "./dom.js";
import { choice, grid, number, square, stepper, weight } from "./stepping.js";

/**
 * How many zeros a convolution puts before and after, and how many outputs it has: TensorFlow's rule.
 * @param {number} size @param {number} width @param {number} stride @param {string} padding "valid" or "same"
 * @returns {[number, number, number]}
 */
export function zerosAround(size, width, stride, padding) {
  if (padding === "valid") return [0, 0, Math.floor((size - width) / stride) + 1];
  const outputs = Math.ceil(size / stride);
  const missing = Math.max((outputs - 1) * stride + width - size, 0);
  return [Math.floor(missing / 2), Math.ceil(missing / 2), outputs];
}

/**
 * The padded picture, and for each output the pixels under the filter, their products and the sum.
 * @param {number[][]} image @param {number[][]} kernel @param {number} stride @param {string} padding
 */
export function convolve(image, kernel, stride, padding) {
  const [before, after, count] = zerosAround(image.length, kernel.length, stride, padding);
  const padded = square(before + image.length + after, (i, j) => image[i - before]?.[j - before] ?? 0);
  const steps = square(count, (row, column) => {
    const pixels = square(kernel.length, (i, j) => padded[row * stride + i][column * stride + j]);
    const products = square(kernel.length, (i, j) => pixels[i][j] * kernel[i][j]);
    return { row, column, pixels, sum: products.flat().reduce((sum, product) => sum + product, 0) };
  });
  return { before, after, count, padded, steps: steps.flat() };
}

/** The output's size by its formula. @param {number} size @param {number} stride @param {string} padding */
function sizeFormula(size, stride, padding) {
  const [before, after, outputs] = zerosAround(size, 3, stride, padding);
  if (padding === "valid") return `Output size: (${size} \u2212 3) / ${stride}, rounded down, + 1 = ${outputs}.`;
  const missing = before + after;
  const zeros = `Zeros missing: (${outputs} \u2212 1) · ${stride} + 3 \u2212 ${size} = ${missing}`;
  return `Output size: ${size} / ${stride}, rounded up = ${outputs}. ${zeros}: ${before} before, ${after} after.`;
}

/** @param {number[][]} pixels @param {number[][]} kernel @param {number} sum */
function written(pixels, kernel, sum) {
  const terms = kernel.flat().map((by, i) => {
    const factor = weight(by);
    return `${number(pixels.flat()[i])} · ${factor.startsWith("\u2212") ? `(${factor})` : factor}`;
  });
  return `${terms.join(" + ")} = ${number(sum)}`;
}

/** @param {HTMLElement} element */
export function mount(element) {
  /** @type {{pictures: Record<string, number[][]>, filters: Record<string, number[][]>}} */
  const { pictures, filters } = options(element);
  const grids = h("div", { class: "grids" });
  const formula = h("p", {});
  const said = h("p", { role: "status" });
  const restart = () => {
    const image = pictures[picture.value()];
    formula.textContent = sizeFormula(image.length, Number(stride.value()), padding.value());
    steps.restart(zerosAround(image.length, 3, Number(stride.value()), padding.value())[2] ** 2);
  };
  const picture = choice("Picture", Object.keys(pictures), restart);
  const filter = choice("Filter", Object.keys(filters), restart);
  const stride = choice("Stride", ["1", "2"], restart);
  const padding = choice("Padding", ["valid", "same"], restart);
  const steps = stepper((step) => {
    const [image, kernel, by] = [pictures[picture.value()], filters[filter.value()], Number(stride.value())];
    const done = convolve(image, kernel, by, padding.value());
    const now = done.steps[step - 1];
    grids.replaceChildren(...drawn(image, kernel, by, done, step));
    said.textContent = now
      ? `Row ${now.row + 1}, column ${now.column + 1}: ${written(now.pixels, kernel, now.sum)}`
      : "Predict the first number, then step.";
  });
  const controls = [picture, filter, stride, padding].map((control) => control.element);
  element.replaceChildren(h("div", { class: "controls" }, ...controls), formula, steps.element, said, grids);
  restart();
}

/**
 * Picture, filter and output after some steps.
 * @param {number[][]} image @param {number[][]} kernel @param {number} stride
 * @param {ReturnType<typeof convolve>} done @param {number} step
 */
function drawn(image, kernel, stride, { before, count, padded, steps }, step) {
  const now = steps[step - 1];
  /** @param {number} i @param {number} j */
  const under = (i, j) => {
    const [row, column] = now ? [i - now.row * stride, j - now.column * stride] : [-1, -1];
    return row >= 0 && row < kernel.length && column >= 0 && column < kernel.length;
  };
  /** @param {number} i @param {number} j */
  const isZero = (i, j) => image[i - before]?.[j - before] === undefined;
  const sums = square(count, (i, j) => steps[i * count + j].sum);
  const most = Math.max(...sums.flat().map(Math.abs), 1);
  const ground = Math.max(...image.flat(), 1);
  return [
    grid("Picture", padded, {
      gray: [0, ground],
      look: (i, j) => `${isZero(i, j) ? "zero " : ""}${under(i, j) ? "now" : ""}`,
    }),
    grid("Filter", kernel, { write: weight }),
    grid("Output", sums, {
      gray: [-most, most],
      look: (i, j) => (i * count + j >= step ? "unknown" : i * count + j === step - 1 ? "now" : ""),
    }),
  ];
}
