// A photograph of which a reader chooses one pixel, by pointer or by keyboard.

import { arrowStep } from "./arrow-keys.js";
import { h } from "./dom.js";

/**
 * The photograph with a crosshair that goes where the pointer or the arrow keys lead it.
 * @param {HTMLElement} image @param {number} width @param {number} height
 * @param {(column: number, row: number) => string} moved is told the new place and returns it in words
 */
export function crosshair(image, width, height, moved) {
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
    const by = arrowStep(event);
    if (by) go(column + by[0], row + by[1]);
  });
  element.append(image, cross);
  return { element, go, start: () => go(column, row) };
}
