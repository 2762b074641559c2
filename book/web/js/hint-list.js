// The hints that a reader has set, and the way back.

import { rounded } from "./hint-files.js";

/** @typedef {import("./hints.js").Hint} Hint */
/** @typedef {Readonly<Hint & {id: number, stroke?: number}>} Kept `stroke`: the one that it belongs to, whose hints ask for one color */

const BESIDE = 0.0618; // of the width, by which a hint gives way: 5,000 times before it comes back to where it was

/** A list that tells of each change; what is done in one go, such as a drag, is undone in one go. */
export class HintList {
  /** @type {readonly Kept[]} */
  hints = [];
  /** @type {(readonly Kept[])[]} */
  #before = [];
  #going = ""; // what is being done, in one go
  #ids = 0;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** What is done next is something new. */
  settle() {
    this.#going = "";
  }

  /** @param {readonly Kept[]} hints @param {string} going */
  #set(hints, going) {
    if (!going || going !== this.#going) this.#before.push(this.hints);
    this.#going = going;
    this.hints = hints;
    this.#changed();
  }

  /** @param {number} id @param {Partial<Hint>} more @param {string} what */
  #update(id, more, what) {
    const before = this.hints.find((hint) => hint.id === id);
    if (!before) return;
    const after = { ...before, ...more };
    if (after.x === before.x && after.y === before.y && after.color === before.color) return;
    this.#set(
      this.hints.map((hint) => (hint === before ? after : hint)),
      `${what} ${id}`,
    );
  }

  /** Whether another hint stands there: a file holds one hint for each place. @param {number} x @param {number} y @param {number} [id] */
  #taken(x, y, id) {
    return this.hints.some((hint) => hint.id !== id && hint.x === x && hint.y === y);
  }

  /** Add a hint, beside one that stands there. @param {Hint} hint @returns {number} its id */
  add({ x, y, color }) {
    let across = rounded(x);
    while (this.#taken(across, rounded(y))) across = rounded((across + BESIDE) % 1);
    const id = ++this.#ids;
    this.#set([...this.hints, { id, x: across, y: rounded(y), color }], "");
    return id;
  }

  /** Go on with a stroke, or begin it: it is undone in one go. @param {Hint} hint @param {number} stroke @returns {number | undefined} the hint's id, if no other stands there */
  draw({ x, y, color }, stroke) {
    const place = { x: rounded(x), y: rounded(y) };
    if (this.#taken(place.x, place.y)) return undefined;
    const id = ++this.#ids;
    this.#set([...this.hints, { id, ...place, color, stroke }], `stroke ${stroke}`);
    return id;
  }

  /** @param {number} id @param {number} x @param {number} y */
  move(id, x, y) {
    const place = { x: rounded(x), y: rounded(y) };
    if (!this.#taken(place.x, place.y, id)) this.#update(id, place, "move");
  }

  /** Give a hint another color, and the others of its stroke. @param {number} id @param {string} color */
  paint(id, color) {
    const stroke = this.hints.find((hint) => hint.id === id)?.stroke;
    if (stroke === undefined) return this.#update(id, { color }, "paint");
    const after = this.hints.map((hint) => (hint.stroke === stroke ? { ...hint, color } : hint));
    if (after.some((hint, i) => hint.color !== this.hints[i].color)) this.#set(after, `paint stroke ${stroke}`);
  }

  /** @param {number} id */
  remove(id) {
    this.#set(
      this.hints.filter((hint) => hint.id !== id),
      "",
    );
  }

  /** Put others in their place. @param {Hint[]} hints */
  replace(hints) {
    this.#set(this.#numbered(hints), "");
  }

  /** Begin with another photograph: there is no way back to the hints of the one before. @param {Hint[]} hints */
  begin(hints) {
    this.hints = this.#numbered(hints);
    this.#before = [];
    this.settle();
  }

  /** @param {Hint[]} hints @returns {Kept[]} */
  #numbered(hints) {
    return hints.map((hint) => ({ ...hint, id: ++this.#ids }));
  }

  get undoable() {
    return this.#before.length > 0;
  }

  undo() {
    this.hints = this.#before.pop() ?? this.hints;
    this.settle();
    this.#changed();
  }

  /** Hints as they are handed on. @returns {Hint[]} */
  get plain() {
    return this.hints.map(({ x, y, color }) => ({ x, y, color }));
  }
}
