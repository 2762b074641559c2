// The colors that a place can have: those of its lightness, the network's own, those of other hints, or of another picture.

import { plane } from "./ab-plane.js";
import { fitGamut, rgbToLab } from "./color.js";
import { crosshair } from "./crosshair.js";
import { h, write } from "./dom.js";
import { colorOf, rgbOf } from "./hints.js";
import { unreadable } from "./photo-files.js";

/** @typedef {import("./hints.js").Lab} Lab */

/**
 * @typedef {object} Wishes What a reader does in the picker.
 * @property {(color: string) => void} paint
 * @property {() => void} settle what comes is another choice
 * @property {(sentence: string) => void} say
 */

const ACROSS = 320; // pixels of another picture
const MOST_CHIPS = 8; // colors of other hints

/** @param {string} color */
export const swatch = (color) => h("span", { class: "swatch", style: `background: ${color}` });

export class Picker {
  /** @type {Lab} */
  #own = { L: 50, a: 0, b: 0 }; // lightness and the network's color where the hint stands
  #shown = { color: "", a: 0, b: 0 }; // the color that is chosen, and its a and b before they were rounded to 8 bits
  #wishes;
  #plane = plane((a, b) => this.#choose({ ...this.#own, a, b }));
  #name = h("strong", {});
  #asked = swatch("none");
  #chips = h("div", { class: "hint-chips" });
  #others = "";
  #other = h("div", { class: "hint-other", hidden: true });
  #input = h("input", { type: "file", accept: "image/*", hidden: true });
  element = h(
    "div",
    { class: "hint-picker", hidden: true },
    this.#plane.element,
    h(
      "div",
      { class: "hint-colors" },
      h("p", { class: "hint-title" }, this.#name, " asks for ", this.#asked),
      this.#chips,
      h("button", { type: "button", onclick: () => this.#input.click() }, "A color from another picture"),
      this.#input,
    ),
    this.#other,
  );

  /** @param {Wishes} wishes */
  constructor(wishes) {
    this.#wishes = wishes;
    this.#input.addEventListener("change", () => {
      if (this.#input.files?.[0]) this.#open(this.#input.files[0]);
      this.#input.value = ""; // so that the same file can be chosen again
    });
  }

  /** @param {Lab} lab */
  #choose(lab) {
    const [, a, b] = fitGamut([lab.L, lab.a, lab.b]);
    const color = colorOf(lab);
    this.#shown = { color, a, b };
    this.#drawPlane(); // also where the step is too small for another color of 8 bits
    this.#wishes.paint(color);
  }

  #drawPlane() {
    const { L, a, b } = this.#own;
    this.#plane.show([L, a, b], [L, this.#shown.a, this.#shown.b]);
  }

  /**
   * @param {string} name of the hint
   * @param {string} color that it asks for
   * @param {Lab} own lightness and the network's color at its place
   * @param {string[]} others colors of the other hints
   */
  show(name, color, own, others) {
    this.#own = own;
    if (color !== this.#shown.color) {
      const [, a, b] = rgbToLab(rgbOf(color));
      this.#shown = { color, a, b };
    }
    this.#drawPlane();
    write(this.#name, name);
    this.#asked.style.background = color;
    this.#offer([colorOf(own), ...new Set(others)].slice(0, 1 + MOST_CHIPS));
    this.element.hidden = false;
  }

  hide() {
    this.element.hidden = true;
  }

  /** Buttons with colors to take, which stay while they are the same. @param {string[]} colors the network's own first */
  #offer(colors) {
    if (colors.join() === this.#others) return;
    this.#others = colors.join();
    const buttons = colors.map((color, i) =>
      h(
        "button",
        {
          type: "button",
          "aria-label": i ? `The color of another hint, ${color}` : null,
          onclick: () => this.#take(color),
        },
        swatch(color),
        i ? "" : " The network's own",
      ),
    );
    const focused = [...this.#chips.children].indexOf(/** @type {Element} */ (document.activeElement));
    this.#chips.replaceChildren(...buttons);
    buttons[focused]?.focus({ preventScroll: true });
  }

  /** A color of another lightness: its a and b. @param {string} color */
  #take(color) {
    const [, a, b] = rgbToLab(rgbOf(color));
    this.#wishes.settle();
    this.#choose({ ...this.#own, a, b });
  }

  /** Show another picture, whose colors can be taken. @param {File} file */
  async #open(file) {
    const options = /** @type {const} */ ({
      resizeWidth: ACROSS,
      resizeQuality: "medium",
      imageOrientation: "from-image",
    });
    const bitmap = await createImageBitmap(file, options).catch(() => undefined);
    if (!bitmap) return this.#wishes.say(await unreadable(file));
    const { width, height } = bitmap;
    const canvas = h("canvas", { width, height, role: "img", "aria-label": "The other picture" });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    let begun = false;
    const other = crosshair(canvas, width, height, (column, row) => {
      const [r, g, b] = context.getImageData(column, row, 1, 1).data;
      const [L, ...ab] = rgbToLab([r / 255, g / 255, b / 255]);
      if (begun) this.#choose({ ...this.#own, a: ab[0], b: ab[1] });
      return `column ${column}, row ${row}: a ${ab[0].toFixed(1)}, b ${ab[1].toFixed(1)}, L ${L.toFixed(1)}`;
    });
    const away = h("button", { type: "button", onclick: () => (this.#other.hidden = true) }, "Put it away");
    const words = "Touch a color: the hint takes its a and b, and keeps its own lightness. ";
    this.#other.replaceChildren(other.element, h("p", {}, words, away));
    this.#other.hidden = false;
    other.start();
    begun = true;
  }
}
