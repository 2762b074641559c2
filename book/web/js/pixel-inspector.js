// One pixel of a photograph in R, G, B and in L, a, b, and what changing one of them does (chapter 01).

import { cssColor, fits, labToLinear, labToRgb, rgbToLab } from "./color.js";
import { h, moveTo, slider, svg } from "./dom.js";

/** @typedef {import("./color.js").Triple} Triple */

const REACH = 120; // the plane shows a and b from -REACH to REACH
const CELL = 3; // of the plane, in a and b
const SIDES = [300, 290]; // of the drawing of the plane, in a and b
const MOST = 110; // of a and b that can be chosen
const FAR = 10; // pixels, or steps of a and b, that an arrow key goes with Shift
/** Which way an arrow key goes: to the right, down. @type {Record<string, number[]>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {number} value of a or b */
const within = (value) => Math.min(MOST, Math.max(-MOST, value));

/** A number with one decimal. @param {number} value */
function tenths(value) {
  return value.toFixed(1).replace("-", "\u2212");
}

/** What is said of a color that the sliders made. @param {Triple} lab */
export function gamutSaid(lab) {
  if (fits(labToLinear(lab))) return "sRGB can show this color.";
  const clipped = rgbToLab(labToRgb(lab))[0].toFixed(1);
  return `sRGB can't show this color. Clipped, as here, it has L ${clipped} instead of ${lab[0].toFixed(1)}.`;
}

/** The pixels of a picture, exact. @param {HTMLImageElement} image */
async function pixelsOf(image) {
  image.loading = "eager";
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const canvas = h("canvas", { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, width, height);
}

/** Paint the colors of one L that sRGB has. @param {HTMLCanvasElement} canvas @param {number} L */
function paint(canvas, L) {
  const side = canvas.width;
  const colors = new ImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    /** @type {Triple} */
    const lab = [L, CELL * (i % side) - REACH, REACH - CELL * Math.floor(i / side)];
    if (fits(labToLinear(lab))) colors.data.set([...labToRgb(lab).map((c) => Math.round(255 * c)), 255], 4 * i);
  }
  canvas.getContext("2d")?.putImageData(colors, 0, 0);
}

/**
 * The plane of a and b: the colors of one L, a dot for the pixel, and a ring for the changed color. The ring goes where
 * it is dragged, where the plane is touched, and by arrow keys.
 * @param {(a: number, b: number) => void} moved
 */
function plane(moved) {
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
    const by = STEPS[event.key];
    if (!by) return;
    event.preventDefault();
    const far = event.shiftKey ? FAR : 1;
    go(a + by[0] * far, b - by[1] * far);
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

/**
 * The photograph with a crosshair that goes where the pointer or the arrow keys lead it.
 * @param {HTMLImageElement} image @param {number} width @param {number} height
 * @param {(column: number, row: number) => string} moved is told the new place and returns it in words
 */
function photograph(image, width, height, moved) {
  let [column, row] = [Math.floor(width / 2), Math.floor(height / 2)];
  const cross = h("div", {
    class: "crosshair",
    role: "slider",
    tabindex: 0,
    "aria-label": "Pixel: arrow keys move it, with Shift by ten",
    "aria-valuemin": 0,
    "aria-valuemax": width * height - 1,
  });
  /** @param {number} x @param {number} y */
  const go = (x, y) => {
    column = Math.min(width - 1, Math.max(0, x));
    row = Math.min(height - 1, Math.max(0, y));
    cross.style.left = `${(100 * (column + 0.5)) / width}%`;
    cross.style.top = `${(100 * (row + 0.5)) / height}%`;
    cross.setAttribute("aria-valuenow", String(row * width + column));
    cross.setAttribute("aria-valuetext", moved(column, row));
  };
  /** @param {PointerEvent} event */
  const point = (event) => {
    const box = image.getBoundingClientRect();
    const [across, down] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    go(Math.floor(across * width), Math.floor(down * height));
  };
  const element = h("div", {
    class: "photograph",
    onpointerdown: (/** @type {PointerEvent} */ event) => {
      if (event.button) return;
      event.preventDefault();
      element.setPointerCapture(event.pointerId);
      cross.focus({ preventScroll: true });
      point(event);
    },
    onpointermove: (/** @type {PointerEvent} */ event) => {
      if (element.hasPointerCapture(event.pointerId)) point(event);
    },
  });
  cross.addEventListener("keydown", (event) => {
    const by = STEPS[event.key];
    if (!by) return;
    event.preventDefault();
    go(column + by[0] * (event.shiftKey ? FAR : 1), row + by[1] * (event.shiftKey ? FAR : 1));
  });
  element.append(image, cross);
  return { element, start: () => go(column, row) };
}

/** @param {string} label */
function patch(label) {
  const even = h("div", { class: "patch" });
  return { element: h("figure", {}, even, h("figcaption", {}, label)), even };
}

/** @param {HTMLElement} element */
export async function mount(element) {
  const image = element.querySelector("img");
  if (!image) throw new Error("there is no photograph to look at");
  const { width, height, data } = await pixelsOf(image);
  /** @type {Triple} */
  let own = [0, 0, 0];
  /** @type {Triple} */
  let changed = [0, 0, 0];
  const drawn = plane((a, b) => set([changed[0], a, b]));
  const [before, after] = [patch("the pixel"), patch("with your L, a, b")];
  const [place, numbers] = [h("caption", {}), h("tbody", {})];
  const said = h("p", { role: "status" });
  const show = () => {
    const untouched = changed.every((value, i) => Math.abs(value - own[i]) < 0.06); // sliders go by tenths
    const color = untouched ? own : changed;
    before.even.style.background = cssColor(labToRgb(own));
    after.even.style.background = cssColor(labToRgb(color));
    said.textContent = untouched ? "Now change L, a or b." : gamutSaid(color);
    drawn.show(own, color);
  };
  const sliders = ["L", "a", "b"].map((label, i) =>
    slider({
      label,
      min: i ? -MOST : 0,
      max: i ? MOST : 100,
      step: 0.1,
      value: 0,
      format: tenths,
      oninput: (value) => {
        changed[i] = value;
        show();
      },
    }),
  );
  /** @param {Triple} lab */
  const set = (lab) => {
    sliders.forEach((label, i) =>
      moveTo(/** @type {HTMLInputElement} */ (label.querySelector("input")), lab[i].toFixed(1)),
    );
  };
  const back = () => set(own);
  const photo = photograph(image, width, height, (column, row) => {
    const stored = [0, 1, 2].map((i) => data[4 * (row * width + column) + i]);
    own = rgbToLab([stored[0] / 255, stored[1] / 255, stored[2] / 255]);
    const cells = [...stored, ...own.map(tenths)];
    place.textContent = `The pixel at column ${column}, row ${row}`;
    numbers.replaceChildren(h("tr", {}, ...cells.map((cell) => h("td", {}, String(cell)))));
    back();
    return `column ${column}, row ${row}: R ${stored[0]}, G ${stored[1]}, B ${stored[2]}`;
  });
  const names = ["R", "G", "B", "L", "a", "b"].map((name) => h("th", { scope: "col" }, name));
  const table = h("table", { class: "numbers" }, place, h("thead", {}, h("tr", {}, ...names)), numbers);
  const reset = h("button", { type: "button", onclick: back }, "Back to the pixel");
  const patches = h("div", { class: "panels" }, table, before.element, after.element);
  const changes = h("div", { class: "panels" }, h("div", {}, ...sliders), h("div", {}, reset, said));
  element.replaceChildren(h("div", { class: "panels both" }, photo.element, drawn.element), patches, changes);
  photo.start();
}
