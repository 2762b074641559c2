// Several photographs at once on "Color your own photograph": colored one after the other, and saved as one file.

import { download, h, write } from "./dom.js";
import { unique, zipped } from "./zip.js";

/** @typedef {{blob: Blob, model: string}} Made the file of a photograph in color */
/**
 * @typedef {object} Wishes what is asked of the page
 * @property {(file: File) => void} color a photograph; `made` or `failed` is called when that is over
 * @property {(sentence: string) => void} say something to the reader
 * @property {(sentence: string) => void} done say it, and that nothing is going on any more
 */

class Stopped extends Error {}

const counted = (/** @type {number} */ n) => `${n} photograph${n === 1 ? "" : "s"}`;
const stemOf = (/** @type {string} */ name) => name.replace(/\.[^.]*$/, "") || "photograph";

export class Batch {
  /** @type {{resolve: (made: Made) => void, reject: (error: Error) => void, at: number, of: number, name: string} | undefined} */
  #one; // the photograph that is being colored
  /** @type {import("./zip.js").Entry[]} */
  #made = [];
  #wishes;
  #list = h("ul", { "aria-label": "Your photographs", tabindex: 0 }); // it scrolls
  #save = h("button", { type: "button", onclick: () => this.#download() });
  element = h("div", { class: "own-batch", hidden: true }, this.#save, this.#list);

  /** @param {Wishes} wishes */
  constructor(wishes) {
    this.#wishes = wishes;
  }

  /** Color photographs. @param {File[]} files */
  async take(files) {
    this.stop();
    /** @type {import("./zip.js").Entry[]} */
    const made = (this.#made = []);
    const said = files.map(() => h("span", {}, "waits"));
    this.#list.replaceChildren(...files.map(({ name }, i) => h("li", {}, h("strong", {}, name), " ", said[i])));
    this.element.hidden = false;
    this.#save.hidden = true;
    this.#wishes.say(`Coloring ${counted(files.length)}`);
    for (const [i, file] of files.entries()) {
      write(said[i], "is being colored");
      try {
        const { blob, model } = await this.#color(file, i, files.length);
        made.push({
          name: `${stemOf(file.name)}-colorized-${model}.${blob.type === "image/png" ? "png" : "jpg"}`,
          file: blob,
        });
        write(said[i], `colored by ${model}`);
      } catch (error) {
        if (error instanceof Stopped) {
          said.slice(i).forEach((line) => write(line, "not colored: stopped"));
          return this.#offer(made);
        }
        write(said[i], `not colored. ${error instanceof Error ? error.message : error}`);
      }
    }
    this.#offer(made);
    const failed = files.length - made.length;
    this.#wishes.done(
      `${made.length} of ${counted(files.length)} colored.` +
        (failed ? ` ${failed} could not be: the list says why.` : ""),
    );
  }

  /** @param {File} file @param {number} at @param {number} of @returns {Promise<Made>} */
  #color(file, at, of) {
    this.#wishes.color(file);
    return new Promise((resolve, reject) => {
      this.#one = { resolve, reject, at, of, name: file.name };
    });
  }

  /** What has been made can be saved, unless other photographs came since. @param {import("./zip.js").Entry[]} made */
  #offer(made) {
    if (made !== this.#made || !made.length) return;
    const megabytes = made.reduce((sum, { file }) => sum + file.size, 0) / 1e6;
    write(this.#save, `Download ${counted(made.length)} in a zip file (${megabytes.toFixed(1)} MB)`);
    this.#save.hidden = false;
  }

  async #download() {
    const names = unique(this.#made.map(({ name }) => name));
    try {
      const file = await zipped(this.#made.map(({ file }, i) => ({ name: names[i], file })));
      download(file, "colorized.zip");
      this.#wishes.say("Saved as colorized.zip.");
    } catch (error) {
      this.#wishes.say(error instanceof Error ? error.message : String(error));
    }
  }

  /** Leave the rest, where the reader wants something else. */
  stop() {
    this.#one?.reject(new Stopped());
    this.#one = undefined;
  }

  /** How far it is, if it is what is going on. @param {string} step @param {number} fraction of one photograph */
  progress(step, fraction) {
    if (!this.#one) return { step, fraction };
    const { at, of, name } = this.#one;
    return { step: `Photograph ${at + 1} of ${of}, ${name}: ${step}`, fraction: (at + fraction) / of };
  }

  /** Take a photograph in color; tell whether it was asked for here. @param {Made} made */
  made(made) {
    const one = this.#one;
    this.#one = undefined;
    one?.resolve(made);
    return Boolean(one);
  }

  /** Take a reason why a photograph can't be colored; tell whether it was asked for here. @param {string} reason */
  failed(reason) {
    const one = this.#one;
    this.#one = undefined;
    one?.reject(new Error(reason));
    return Boolean(one);
  }
}
