// Beside the answer on "Color your own photograph": other likely colors, where a model gives odds, and more or less of them.

import { SIDES } from "./alternatives.js";
import { h, slider } from "./dom.js";

/** @param {(side: string) => void} ask is called with one of `SIDES` */
export function others(ask) {
  const buttons = Object.keys(SIDES).map((side) =>
    h("button", { type: "button", onclick: () => ask(side) }, `${side[0].toUpperCase()}${side.slice(1)}`),
  );
  return h(
    "div",
    { class: "own-others", role: "group", "aria-label": "Other likely colors", hidden: true },
    h("span", {}, "No single right color. Also likely:"),
    ...buttons,
  );
}

/** What chroma is multiplied by. @param {number} value @param {() => void} oninput */
export const saturation = (value, oninput) =>
  slider({
    label: "Saturation",
    min: 0,
    max: 2,
    step: 0.05,
    value,
    format: (value) => `${Math.round(100 * value)} %`,
    oninput,
  });
