// The models of "Color your own photograph": which one colors, and which others there are.

import { h, write } from "./dom.js";

/** @typedef {{name: string, about: string}} Offer */

export class Models {
  #summary = h("summary", {});
  #buttons;
  chosen;

  /** @param {Offer[]} offers the first one colors unless another is chosen @param {() => void} tell is called when another is chosen */
  constructor(offers, tell) {
    this.#buttons = offers.map(({ name }) => {
      const onclick = () => {
        this.#summary.focus({ preventScroll: true }); // the button that was pressed is gone in a moment
        this.element.open = false;
        if (name === this.chosen) return;
        this.show(name);
        tell();
      };
      return h("button", { type: "button", onclick }, name);
    });
    this.element = h(
      "details",
      { class: "own-models" },
      this.#summary,
      h("ul", {}, ...offers.map(({ about }, i) => h("li", {}, this.#buttons[i], h("span", {}, about)))),
    );
    this.chosen = offers[0].name;
    this.show(this.chosen);
  }

  /** Say which model colors. @param {string} name */
  show(name) {
    this.chosen = name;
    write(this.#summary, `Model: ${name}. Choose another`);
    for (const button of this.#buttons) button.setAttribute("aria-pressed", String(button.textContent === name));
  }
}
