// The plane of a and b at one L, in which a color is chosen: by the pixel inspector, and for a hint.

import { arrowStep } from "./arrow-keys.js";
import { cssColor, fits, intoLinear, labToRgb, linearToSrgb } from "./color.js";
import { h, svg } from "./dom.js";

/** @typedef {import("./color.js").Triple} Triple */

const REACH = 120; // the plane shows a and b from -REACH to REACH
const CELL = 3; // of the plane, in a and b
const SIDES = [300, 290]; // of the drawing of the plane, in a and b
export const MOST = 110; // of a and b that can be chosen

/** @param {number} value of a or b */
const within = (value) => Math.min(MOST, Math.max(-MOST, value));

/** A number with one decimal. @param {number} value */
export function tenths(value) {
  return value.toFixed(1).replace("-", "\u2212");
}

/** Paint the colors of one L that sRGB has, without small arrays: it is done anew while a hint is dragged. @param {HTMLCanvasElement} canvas @param {number} L */
function paint(canvas, L) {
  const side = canvas.width;
  const colors = new ImageData(side, side);
  /** @type {Triple} */
  const linear = [0, 0, 0];
  for (let i = 0; i < side * side; i++) {
    if (!fits(intoLinear(linear, L, CELL * (i % side) - REACH, REACH - CELL * Math.floor(i / side)))) continue;
    for (let c = 0; c < 3; c++) colors.data[4 * i + c] = 255 * linearToSrgb(linear[c]); // storing rounds and clips
    colors.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d")?.putImageData(colors, 0, 0);
}

/**
 * The plane of a and b: the colors of one L, a dot for the pixel, and a ring for the changed color. The ring goes where
 * it is dragged, where the plane is touched, and by arrow keys.
 * @param {(a: number, b: number) => void} moved
 */
export function plane(moved) {
  const canvas = h("canvas", { width: (2 * REACH) / CELL + 1, height: (2 * REACH) / CELL + 1, "aria-hidden": "true" });
  const dot = svg("circle", { r: 6, class: "dot" });
  const ring = svg("circle", { r: 11, class: "ring" });
  /** @type {[string, number, number][]} */
  const ends = [
    ["green", -122, -8],
    ["red", 128, -8],
    ["yellow", 0, -126],
    ["blue", 0, 138],
  ];
  const words = ends.map(([word, x, y]) => svg("text", { x, y, "text-anchor": "middle" }, word));
  const axes = svg("path", { d: `M-${REACH} 0H${REACH}M0-${REACH}V${REACH}`, class: "axes" });
  const label = "The plane of a, from green to red, and b, from blue to yellow";
  const attributes = {
    viewBox: `${-SIDES[0] / 2} ${-SIDES[1] / 2} ${SIDES[0]} ${SIDES[1]}`,
    role: "img",
    "aria-label": label,
  };
  const drawing = svg("svg", attributes, axes, ...words, ring, dot);
  const ring2d = h("div", {
    class: "handle",
    role: "slider",
    tabindex: 0,
    "aria-label": "a and b: arrow keys move the color, with Shift by ten",
    "aria-valuemin": -MOST,
    "aria-valuemax": MOST,
  });
  const element = h("div", { class: "plane" }, canvas, drawing, ring2d);
  let [a, b] = [0, 0];
  /** @param {number} toA @param {number} toB */
  const go = (toA, toB) => moved(within(toA), within(toB));
  /** @param {MouseEvent} event */
  const point = (event) => {
    const box = drawing.getBoundingClientRect();
    go(
      (SIDES[0] * (event.clientX - box.left)) / box.width - SIDES[0] / 2,
      SIDES[1] / 2 - (SIDES[1] * (event.clientY - box.top)) / box.height,
    );
  };
  element.addEventListener("click", point);
  element.addEventListener("pointerdown", (event) => {
    if (event.button || (event.pointerType === "touch" && event.target !== ring2d)) return; // a finger scrolls the page
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    ring2d.focus({ preventScroll: true });
  });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) point(event);
  });
  ring2d.addEventListener("keydown", (event) => {
    const by = arrowStep(event);
    if (by) go(a + by[0], b - by[1]);
  });
  let painted = NaN;
  /** @param {Triple} own @param {Triple} changed */
  const show = (own, changed) => {
    if (changed[0] !== painted) paint(canvas, (painted = changed[0]));
    for (const [circle, lab] of /** @type {[SVGCircleElement, Triple][]} */ ([
      [dot, own],
      [ring, changed],
    ])) {
      circle.setAttribute("cx", String(lab[1]));
      circle.setAttribute("cy", String(-lab[2]));
    }
    dot.setAttribute("fill", cssColor(labToRgb(own)));
    [, a, b] = changed;
    ring2d.style.left = `${50 + (100 * a) / SIDES[0]}%`;
    ring2d.style.top = `${50 - (100 * b) / SIDES[1]}%`;
    ring2d.setAttribute("aria-valuenow", a.toFixed(1));
    ring2d.setAttribute("aria-valuetext", `a ${tenths(a)}, b ${tenths(b)}`);
  };
  return { element, show };
}
