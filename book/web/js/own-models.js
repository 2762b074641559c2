// The models of "Color your own photograph": which one colors, which others there are, and networks of the reader's own.

import { h, write } from "./dom.js";
import { opener } from "./own-ways.js";

/** @typedef {{name: string, about: string}} Offer */
/** @typedef {{changed: () => void, bring: (file: File) => void, forget: (name: string) => void}} Wishes `changed`: another one is chosen */

const NETWORK = /\.(onnx|h5|keras|pb|pte?|pth|safetensors|tflite)$/i;

/** Whether a file is meant as a network. @param {File} file */
export const isNetwork = ({ name }) => NETWORK.test(name);

export class Models {
  #summary = h("summary", {});
  #list = h("ul", {});
  #wishes;
  #first;
  /** @type {Map<string, HTMLElement>} */
  #lines = new Map();
  chosen;

  /** @param {Offer[]} offers the first one colors unless another is chosen @param {Wishes} wishes */
  constructor(offers, wishes) {
    this.#wishes = wishes;
    const take = (/** @type {File[]} */ [file]) => file && this.#close(() => wishes.bring(file));
    this.element = h(
      "details",
      { class: "own-models" },
      this.#summary,
      this.#list,
      h(
        "p",
        {},
        ...opener("Use a network of your own", {}, take, () => {}, { accept: false }),
        h("span", {}, "A file that colorize export-onnx wrote. It stays in this window and is checked first."),
      ),
    );
    for (const { name, about } of offers) this.#offer(name, h("span", {}, about));
    this.#first = this.chosen = offers[0].name;
    this.show(this.chosen);
  }

  /** The names that are taken. */
  get names() {
    return [...this.#lines].filter(([, line]) => !line.dataset.own).map(([name]) => name);
  }

  /** Add a network of the reader's own and choose it. @param {import("./own-network.js").Facts} facts */
  add({ name, recipe, bytes }) {
    const remove = h(
      "button",
      { type: "button", "aria-label": `Remove ${name}`, onclick: () => this.#close(() => this.#remove(name)) },
      "Remove",
    );
    const about = `Yours, of the recipe ${recipe}, ${(bytes / 1e6).toFixed(1)} MB. It is gone when you leave this page. `;
    this.#lines.get(name)?.remove();
    this.#offer(name, h("span", {}, about, remove)).dataset.own = "";
    this.show(name);
  }

  /** @param {string} name */
  #remove(name) {
    this.#lines.get(name)?.remove();
    this.#lines.delete(name);
    this.#wishes.forget(name);
    if (name !== this.chosen) return;
    this.show(this.#first);
    this.#wishes.changed();
  }

  /** Close the list, then do what was asked for: the button that was pressed is gone in a moment. @param {() => void} then */
  #close(then) {
    this.#summary.focus({ preventScroll: true });
    this.element.open = false;
    then();
  }

  /** @param {string} name @param {HTMLElement} about */
  #offer(name, about) {
    const choose = () => {
      if (name === this.chosen) return;
      this.show(name);
      this.#wishes.changed();
    };
    const line = h("li", {}, h("button", { type: "button", onclick: () => this.#close(choose) }, name), about);
    this.#lines.set(name, line);
    this.#list.append(line);
    return line;
  }

  /** Say which model colors; the first one, where that is there no more. @param {string} name */
  show(name) {
    this.chosen = this.#lines.has(name) ? name : this.#first;
    write(this.#summary, `Model: ${this.chosen}. Choose another`);
    for (const [name, line] of this.#lines)
      line.querySelector("button")?.setAttribute("aria-pressed", String(name === this.chosen));
  }
}
