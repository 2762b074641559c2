// "Choose colors" on "Color your own photograph": hints on the picture, and what is below it while they are set.

import { bringIntoSight, download, h, moveTo, write } from "./dom.js";
import { MOST, read, written } from "./hint-files.js";
import { HintList } from "./hint-list.js";
import { Markers, placeSaid } from "./hint-markers.js";
import { Picker, swatch } from "./hint-picker.js";
import { around, colorOf, pixelOf } from "./hints.js";

/** @typedef {import("./hints.js").Grid} Grid */
/** @typedef {import("./hints.js").Hint} Hint */

const INVITATION = "Touch or click a place in the picture, then choose the color that it should have.";
const DRAW = "Draw over the picture, then choose the color of the stroke. Arrow keys on a marker draw, too.";

/** @typedef {{item: HTMLElement, name: HTMLElement, place: HTMLElement, remove: HTMLElement, color: HTMLElement}} Entry A hint in the list. */

export class Hints {
  #list = new HintList(() => this.#changed());
  /** @type {number | undefined} */
  #selected;
  /** @type {Grid | undefined} */
  #grid;
  #name = "photograph";
  #tell;
  /** @type {HTMLElement | undefined} */
  #slider; // the versions of the photograph

  #markers = new Markers({
    add: (x, y) => this.#add(x, y),
    select: (id) => this.#select(id),
    move: (id, x, y) => this.#list.move(id, x, y),
    draw: (x, y, from) => this.#stroke(x, y, from),
    settle: () => this.#list.settle(),
    remove: (id) => this.#remove(id),
  });
  #picker = new Picker({
    paint: (color) => this.#selected !== undefined && this.#list.paint(this.#selected, color),
    settle: () => this.#list.settle(),
    say: (sentence) => this.#say(sentence),
  });
  #preview = h("canvas", { class: "hint-preview", "aria-hidden": "true", hidden: true });
  #said = h("p", { role: "status", class: "hint-said" }, INVITATION);
  /** @type {Map<number, Entry>} */
  #entries = new Map();
  #shelf = h("ul", { class: "hint-list", "aria-label": "Your hints" });
  #strokes = 0; // how many there have been
  #brush = h("button", { type: "button", "aria-pressed": "false", onclick: () => this.#takeBrush() }, "Brush");
  #addButton = h("button", { type: "button", onclick: () => this.#middle() }, "Add a hint in the middle");
  #undo = h("button", { type: "button", onclick: () => this.#list.undo() }, "Undo");
  #save = h("button", { type: "button", onclick: () => this.#store() }, "Save hints");
  #input = h("input", { type: "file", accept: ".json,application/json", hidden: true });
  #toggle = h(
    "button",
    { type: "button", "aria-pressed": "false", onclick: () => this.#choose(!this.choosing) },
    "Choose colors",
  );
  panel = h(
    "fieldset",
    { class: "own-hints", "aria-label": "Colors that you choose", hidden: true },
    this.#said,
    this.#picker.element,
    this.#shelf,
    h(
      "div",
      { class: "own-ways" },
      this.#brush,
      this.#addButton,
      this.#undo,
      this.#save,
      h("button", { type: "button", onclick: () => this.#input.click() }, "Load hints"),
      this.#input,
    ),
  );

  /** @param {() => void} tell is called when the hints have changed */
  constructor(tell) {
    this.#tell = tell;
    this.#markers.element.prepend(this.#preview);
    this.#input.addEventListener("change", async () => {
      const file = this.#input.files?.[0];
      this.#input.value = ""; // so that the same file can be chosen again
      if (file) await this.#load(file);
    });
    this.panel.addEventListener("pointerup", () => this.#list.settle()); // a drag is undone in one go
  }

  /** @returns {Hint[]} */
  get plain() {
    return this.#list.plain;
  }

  /** Put others in the place of those that are set, which can be undone. @param {Hint[]} hints */
  take(hints) {
    this.#list.replace(hints);
  }

  get choosing() {
    return !this.panel.hidden;
  }

  /** Whether they belong to a photograph that is being replaced. @param {boolean} disabled */
  set disabled(disabled) {
    this.panel.disabled = this.#toggle.disabled = disabled;
    this.#markers.element.inert = disabled;
  }

  /**
   * Begin with a photograph.
   * @param {HTMLElement} slider its versions, see compare.js; gray is the first, and the one in color the second
   * @param {Grid} grid what the network saw and answered
   * @param {Hint[]} hints with which it was colored
   * @param {string} name
   */
  begin(slider, grid, hints, name) {
    const chosen = this.choosing && hints.length > 0;
    [this.#slider, this.#grid, this.#name] = [slider, grid, name];
    slider.querySelector(".compare-choices")?.append(this.#toggle);
    if (JSON.stringify(hints) !== JSON.stringify(this.plain)) this.#list.begin(hints);
    this.#choose(chosen);
    this.#draw();
  }

  /** Show how the picture will be, over the picture; none when that is there. @param {ImageBitmap} [bitmap] */
  preview(bitmap) {
    this.#preview.hidden = !bitmap;
    if (bitmap) this.#preview.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
  }

  /** Show the picture in color alone, with its hints; or its versions. @param {boolean} on */
  #choose(on) {
    const slider = /** @type {HTMLElement} */ (this.#slider);
    this.panel.hidden = !on;
    this.#toggle.setAttribute("aria-pressed", String(on));
    slider.classList.toggle("own-choosing", on);
    slider.querySelectorAll("select").forEach((list, side) => {
      list.selectedIndex = side;
      list.dispatchEvent(new Event("change"));
    });
    const divider = slider.querySelector("input");
    if (divider) moveTo(divider, on ? 0 : 50);
    if (on) slider.querySelector(".compare-stage")?.append(this.#markers.element);
    else this.#markers.element.remove();
    if (on) bringIntoSight(slider, this.panel);
  }

  #changed() {
    this.#draw();
    this.#tell();
  }

  /** @param {string} sentence */
  #say(sentence) {
    write(this.#said, sentence);
  }

  /** @param {number} x @param {number} y */
  #add(x, y) {
    if (!this.#grid || this.#list.hints.length >= MOST) return;
    const color = colorOf(around(this.#grid, pixelOf({ x, y }, this.#grid))); // the network's own: nothing changes yet
    this.#markers.focus(this.#list.add({ x, y, color })); // which selects it
    if (this.#slider) bringIntoSight(this.#slider, this.#picker.element);
  }

  /** With the brush a stroke begins in the middle, too. */
  #middle() {
    if (this.#markers.brush) this.#stroke(0.5, 0.5);
    else this.#add(0.5, 0.5);
  }

  #takeBrush() {
    this.#markers.brush = !this.#markers.brush;
    this.#brush.setAttribute("aria-pressed", String(this.#markers.brush));
    this.#draw();
  }

  /** Lay a hint of a stroke, in the color that was chosen last. @param {number} x @param {number} y @param {number} [from] the hint before */
  #stroke(x, y, from) {
    const { hints } = this.#list;
    if (!this.#grid || hints.length >= MOST) return;
    const before = hints.find(({ id }) => id === from);
    if (!before) this.#list.settle();
    const own = before ?? hints.find(({ id }) => id === this.#selected);
    const color = own?.color ?? colorOf(around(this.#grid, pixelOf({ x, y }, this.#grid)));
    const id = this.#list.draw({ x, y, color }, before?.stroke ?? ++this.#strokes);
    if (id === undefined) return;
    this.#selected = id; // before its marker is told so, which would end the stroke
    this.#draw();
    this.#markers.focus(id);
  }

  /** @param {number} id */
  #select(id) {
    if (this.#selected === id) return;
    this.#list.settle();
    this.#selected = id;
    this.#draw();
  }

  /** @param {number} id */
  #remove(id) {
    const at = this.#list.hints.findIndex((hint) => hint.id === id);
    this.#list.remove(id);
    const { hints } = this.#list;
    if (hints.length) this.#markers.focus(hints[Math.min(at, hints.length - 1)].id);
    else this.#addButton.focus();
  }

  /** Show the hints as they are. */
  #draw() {
    const { hints } = this.#list;
    const grid = /** @type {Grid} */ (this.#grid);
    const at = hints.findIndex(({ id }) => id === this.#selected);
    this.#markers.show(hints, hints[at]?.id, grid);
    this.#drawEntries();
    this.#undo.setAttribute("aria-disabled", String(!this.#list.undoable));
    this.#save.setAttribute("aria-disabled", String(!hints.length));
    if (this.#markers.brush) this.#say(DRAW);
    else if (at >= 0)
      this.#say(`Choose the color of hint ${at + 1} with the ring, or touch another place in the picture.`);
    else this.#say(hints.length ? "Touch a marker to change its color, or another place to add one." : INVITATION);
    if (at < 0) return this.#picker.hide();
    const others = hints.filter((_, i) => i !== at).map(({ color }) => color);
    this.#picker.show(`Hint ${at + 1}`, hints[at].color, around(grid, pixelOf(hints[at], grid)), others);
  }

  #drawEntries() {
    const { hints } = this.#list;
    const ids = new Set(hints.map(({ id }) => id));
    for (const id of this.#entries.keys()) if (!ids.has(id)) this.#entries.delete(id);
    hints.forEach((hint, i) => {
      const entry = this.#entries.get(hint.id) ?? this.#entry(hint.id);
      write(entry.name, `Hint ${i + 1}`);
      write(entry.place, placeSaid(hint));
      entry.color.style.background = hint.color;
      entry.remove.setAttribute("aria-label", `Remove hint ${i + 1}`);
      if (this.#shelf.children[i] !== entry.item) this.#shelf.insertBefore(entry.item, this.#shelf.children[i] ?? null);
    });
    while (this.#shelf.children.length > hints.length) this.#shelf.lastElementChild?.remove();
  }

  /** @param {number} id */
  #entry(id) {
    const [color, name, place] = [swatch("none"), h("span", {}), h("span", { class: "hint-place" })];
    const remove = h("button", { type: "button", onclick: () => this.#remove(id) }, "Remove");
    const select = h("button", { type: "button", onclick: () => this.#select(id) }, color, " ", name);
    const entry = { item: h("li", {}, select, place, remove), name, place, remove, color };
    this.#entries.set(id, entry);
    return entry;
  }

  #store() {
    if (this.plain.length) download(written(this.plain), `${this.#name}-hints.json`);
  }

  /** @param {File} file */
  async #load(file) {
    try {
      this.take(read(await file.text()));
    } catch (error) {
      this.#say(`${file.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
}
