// What lies over a photograph while hints are set: a click adds one, and its marker is dragged or moved by arrow keys.

import { arrowStep } from "./arrow-keys.js";
import { light, srgbToLinear } from "./color.js";
import { h, write } from "./dom.js";
import { rgbOf } from "./hints.js";

/** @typedef {import("./hint-list.js").Kept} Kept */

/**
 * @typedef {object} Wishes What a reader does to hints; places are fractions of width and height.
 * @property {(x: number, y: number) => void} add
 * @property {(id: number) => void} select
 * @property {(id: number, x: number, y: number) => void} move
 * @property {(x: number, y: number, from?: number) => void} draw go on with a stroke, from a hint, or begin one
 * @property {() => void} settle a drag is over
 * @property {(id: number) => void} remove
 */

const AS_FAR = 0.179; // of white's light: so much has as much contrast with black as with white
const SPACING = 1 / 12; // of the longer side, between two hints of a stroke
const BELOW = 0.4; // of the height: above it there is no room for what is shown of a marker that a finger hides

/** Black or white, to be read on a color. @param {string} color #rrggbb */
function inkOn(color) {
  const [r, g, b] = rgbOf(color).map(srgbToLinear);
  return light(r, g, b) > AS_FAR ? "#000" : "#fff";
}

/** @param {number} fraction */
export const percent = (fraction) => `${Math.round(100 * fraction)} %`;

/** A hint's place in words. @param {{x: number, y: number}} place */
export const placeSaid = ({ x, y }) => `${percent(x)} from the left, ${percent(y)} from the top`;

export class Markers {
  /** @type {Map<number, HTMLElement>} by the hint's id */
  #markers = new Map();
  /** @type {readonly Kept[]} */
  #hints = [];
  #grid = { width: 1, height: 1 };
  /** @type {[number, number] | undefined} */
  #pen; // where the stroke that is being drawn has its last hint
  #wishes;
  element;

  /** @param {Wishes} wishes */
  constructor(wishes) {
    this.#wishes = wishes;
    this.element = h("div", { class: "hint-layer", role: "group", "aria-label": "Places with a color of yours" });
    this.element.addEventListener("click", (event) => {
      event.stopPropagation(); // the divider lies below
      if (event.target === this.element && !this.brush) wishes.add(...this.#fractions(event));
    });
    this.element.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      if (!this.brush || event.button || !event.isPrimary) return;
      event.preventDefault();
      this.element.setPointerCapture(event.pointerId);
      this.#pen = this.#fractions(event);
      wishes.draw(...this.#pen);
    });
    this.element.addEventListener("pointermove", (event) => {
      event.stopPropagation();
      if (this.#pen && this.element.hasPointerCapture(event.pointerId)) this.#goTo(...this.#fractions(event));
    });
    this.element.addEventListener("lostpointercapture", (event) => {
      if (event.target !== this.element) return;
      this.#pen = undefined;
      wishes.settle();
    });
  }

  /** Whether a drag over the photograph lays a stroke of hints. */
  get brush() {
    return this.element.classList.contains("hint-brush");
  }

  set brush(on) {
    this.element.classList.toggle("hint-brush", on);
  }

  /** A step of a stroke, as fractions of width and height. @param {number} right @param {number} down @returns {[number, number]} */
  #step(right, down) {
    const { width, height } = this.#grid;
    const long = SPACING * Math.max(width, height);
    return [(right * long) / width, (down * long) / height];
  }

  /** Lay hints on the way from the last one to a place, as far as it goes. @param {number} x @param {number} y */
  #goTo(x, y) {
    const [toX, toY] = [x, y].map((part) => Math.min(1, Math.max(0, part)));
    const [across, up] = this.#step(1, 1);
    for (;;) {
      const [fromX, fromY] = /** @type {[number, number]} */ (this.#pen);
      const steps = Math.hypot((toX - fromX) / across, (toY - fromY) / up);
      if (steps < 1) return;
      this.#pen = [fromX + (toX - fromX) / steps, fromY + (toY - fromY) / steps];
      this.#wishes.draw(...this.#pen, this.#hints.at(-1)?.id);
    }
  }

  /** Where the pointer is on the photograph. @param {MouseEvent} event @returns {[number, number]} */
  #fractions({ clientX, clientY }) {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  }

  /** @param {readonly Kept[]} hints @param {number | undefined} selected @param {{width: number, height: number}} grid an arrow key goes one pixel of it */
  show(hints, selected, grid) {
    this.#grid = grid;
    this.#hints = hints;
    const ids = new Set(hints.map(({ id }) => id));
    for (const [id, marker] of this.#markers) if (!ids.has(id)) this.#drop(id, marker);
    hints.forEach((hint, i) => {
      const marker = this.#markers.get(hint.id) ?? this.#make(hint.id);
      marker.style.left = `${100 * hint.x}%`;
      marker.style.top = `${100 * hint.y}%`;
      marker.style.setProperty("--hint", hint.color);
      marker.style.color = inkOn(hint.color);
      marker.classList.toggle("hint-selected", hint.id === selected);
      marker.dataset.side = hint.y > BELOW ? "above" : hint.x < 0.5 ? "right" : "left";
      write(marker, String(i + 1));
      const keys = this.brush ? "arrow keys go on from it with a stroke" : "arrow keys move it, with Shift by ten";
      marker.setAttribute("aria-label", `Hint ${i + 1}: ${keys}; Delete removes it`);
      marker.setAttribute("aria-valuenow", String(Math.round(100 * hint.x)));
      marker.setAttribute("aria-valuetext", `${placeSaid(hint)}, ${hint.color}`);
    });
  }

  /** @param {number} id */
  focus(id) {
    this.#markers.get(id)?.focus({ preventScroll: this.brush }); // a drag goes on where it is
  }

  /** @param {number} id @param {HTMLElement} marker */
  #drop(id, marker) {
    marker.remove();
    this.#markers.delete(id);
  }

  /** @param {number} id */
  #make(id) {
    const attributes = { class: "hint-marker", role: "slider", tabindex: 0, "aria-valuemin": 0, "aria-valuemax": 100 };
    const marker = h("div", attributes);
    let [fromX, fromY] = [0, 0]; // the marker from the pointer that holds it
    const placeOf = () => this.#hints.find((hint) => hint.id === id) ?? { x: 0, y: 0 };
    marker.addEventListener("focus", () => this.#wishes.select(id));
    marker.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      marker.setPointerCapture(event.pointerId);
      marker.classList.add("hint-held");
      marker.focus({ preventScroll: true });
      const [x, y] = this.#fractions(event);
      [fromX, fromY] = [placeOf().x - x, placeOf().y - y];
    });
    marker.addEventListener("pointermove", (event) => {
      if (!marker.hasPointerCapture(event.pointerId)) return;
      const [x, y] = this.#fractions(event);
      this.#wishes.move(id, x + fromX, y + fromY);
    });
    marker.addEventListener("lostpointercapture", () => {
      marker.classList.remove("hint-held");
      this.#wishes.settle();
    });
    marker.addEventListener("keydown", (event) => this.#key(event, id));
    this.element.append(marker);
    this.#markers.set(id, marker);
    return marker;
  }

  /** @param {KeyboardEvent} event @param {number} id */
  #key(event, id) {
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      return this.#wishes.remove(id);
    }
    const by = arrowStep(event);
    const hint = this.#hints.find((one) => one.id === id);
    if (by && hint && this.brush) {
      const [right, down] = this.#step(Math.sign(by[0]), Math.sign(by[1]));
      const inside = [hint.x + right, hint.y + down].every((part) => part >= 0 && part <= 1);
      if (inside) this.#wishes.draw(hint.x + right, hint.y + down, id);
    } else if (by && hint) this.#wishes.move(id, hint.x + by[0] / this.#grid.width, hint.y + by[1] / this.#grid.height);
  }
}
