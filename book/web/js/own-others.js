// "No single right color" on "Color your own photograph": three other ways to color it, where a model gives odds.

import { SIDES } from "./alternatives.js";
import { h } from "./dom.js";

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
