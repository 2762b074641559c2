// What the two steppers share: numbers as one writes them by hand, grids of them, choices, and buttons to step.

import { h } from "./dom.js";

/** A number with at most two decimals. @param {number} value */
export function number(value) {
  return String(Math.round(value * 100) / 100 + 0).replace("-", "\u2212");
}

/** The weight of a filter: ninths and quarters as fractions, the rest as numbers. @param {number} value */
export function weight(value) {
  const parts = Math.round(1 / Math.abs(value));
  const fraction = parts > 1 && parts <= 16 && Math.abs(Math.abs(value) * parts - 1) < 1e-5;
  return fraction ? `${value < 0 ? "\u2212" : ""}1/${parts}` : number(value);
}

/** Rows and columns of values. @template T @param {number} size @param {(i: number, j: number) => T} f */
export function square(size, f) {
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => f(i, j)));
}

/**
 * A table of numbers.
 * @param {string} caption
 * @param {number[][]} values
 * @param {{look?: (i: number, j: number) => string, write?: (value: number, i: number, j: number) => string,
 *   gray?: [number, number]}} [options] `look` gives a cell's classes; `gray` names what is black and what white
 */
export function grid(caption, values, { look = () => "", write = number, gray } = {}) {
  const rows = values.map((line, i) => {
    const cells = line.map((value, j) => {
      const classes = look(i, j);
      const style = gray && !/unknown|zero/.test(classes) ? shade((value - gray[0]) / (gray[1] - gray[0])) : "";
      return h("td", { class: classes, style }, classes.includes("unknown") ? "·" : write(value, i, j));
    });
    return h("tr", {}, ...cells);
  });
  return h("table", { class: "numbers" }, h("caption", {}, caption), h("tbody", {}, ...rows));
}

/** A gray ground, 0 for black to 1 for white, and writing that can be read on it. @param {number} part */
function shade(part) {
  const level = Math.round(255 * Math.min(1, Math.max(0, part)));
  return `background: rgb(${level} ${level} ${level}); color: ${level > 117 ? "#000" : "#fff"}`;
}

/**
 * A labelled list to choose from.
 * @param {string} label
 * @param {string[]} names
 * @param {() => void} onchange
 * @returns {{element: HTMLElement, value: () => string}}
 */
export function choice(label, names, onchange) {
  const select = h("select", { onchange }, ...names.map((name) => h("option", { value: name }, name)));
  return { element: h("label", {}, `${label} `, select), value: () => select.value };
}

/**
 * Buttons that go forward and back; so do the arrow keys while one of them has the focus.
 * @param {(step: number) => void} show
 * @returns {{element: HTMLElement, restart: (count: number) => void}}
 */
export function stepper(show) {
  let [step, count] = [0, 0];
  const said = h("output", { class: "count" });
  /** @param {number} to */
  const go = (to) => {
    step = Math.min(count, Math.max(0, to));
    said.textContent = `${step} of ${count}`;
    for (const button of [back, start]) button.setAttribute("aria-disabled", String(step === 0));
    for (const button of [next, end]) button.setAttribute("aria-disabled", String(step === count));
    show(step);
  };
  const [start, back, next, end] = [
    h("button", { type: "button", onclick: () => go(0) }, "Start"),
    h("button", { type: "button", onclick: () => go(step - 1) }, "Back"),
    h("button", { type: "button", class: "next", onclick: () => go(step + 1) }, "Step"),
    h("button", { type: "button", onclick: () => go(count) }, "All"),
  ];
  /** @param {KeyboardEvent} event */
  const onkeydown = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    go(step + by);
  };
  const attributes = { class: "buttons", role: "group", "aria-label": "Steps", onkeydown };
  const element = h("div", attributes, start, back, next, end, said);
  return {
    element,
    restart: (steps) => {
      count = steps;
      go(0);
    },
  };
}
