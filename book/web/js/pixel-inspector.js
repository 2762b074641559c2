// One pixel of a photograph in R, G, B and in L, a, b, and what changing one of them does (chapter 01).

import { MOST, plane, tenths } from "./ab-plane.js";
import { cssColor, fits, labToLinear, labToRgb, rgbToLab } from "./color.js";
import { crosshair } from "./crosshair.js";
import { h, moveTo, slider } from "./dom.js";

/** @typedef {import("./color.js").Triple} Triple */

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
  const photo = crosshair(image, width, height, (column, row) => {
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
