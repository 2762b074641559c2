// "Color your own photograph": the page's side. All work with pixels is done by photo-worker.js.

import { bringIntoSight, download, h, options } from "./dom.js";
import { Batch } from "./own-batch.js";
import { Hints } from "./own-hints.js";
import { Keep, startWorker } from "./own-keep.js";
import { isNetwork, Models } from "./own-models.js";
import { others, saturation } from "./own-others.js";
import { forget, said, show, versionsOf } from "./own-versions.js";
import { chooser, gallery } from "./own-ways.js";
import { zoom } from "./own-zoom.js";
import { photographCard, send } from "./share-card.js";
import { explain } from "./what-it-did.js";

const FORMATS = { PNG: "image/png", JPEG: "image/jpeg" };
const STILL = 150; // milliseconds without a change, after which the whole picture is made

/** @typedef {import("./own-versions.js").Photograph} Photograph */
/** @typedef {{file: Blob, name: string, hints: import("./hints.js").Hint[], saturation?: number}} Asked A photograph to color. */
/** @typedef {{photograph: Photograph, gray: HTMLImageElement, picture: HTMLImageElement, file: Blob, name: string}} Shown */

/** @param {HTMLElement} element its `data-options` name the sample photographs, its `data-keep` is how many bytes can be kept */
export function mount(element) {
  const { samples, models } = options(element);
  const page = new Page(models, Number(element.dataset.keep));
  const { keep, work, batch, result, hints, tools, answer } = page;
  const below = [page.models.element, keep.element, work, batch.element, result, hints.panel, tools, answer];
  element.replaceChildren(chooser(page), gallery(samples, page.take, page.say), ...below);
}

/** What the page shows and waits for. Each message to the worker is a job; answers to older ones are passed over. */
class Page {
  #worker = startWorker(new URL("./photo-worker.js", import.meta.url));
  #answered = Promise.resolve(); // one after the other: a picture is shown before it is said to be saved
  #job = 0;
  #name = ""; // of the photograph that was handed over last
  /** @type {Asked | undefined} */
  #asked; // what is being colored
  /** @type {Shown | undefined} */
  #shown;
  /** @type {Element | null} */
  #focused = null;
  #still = 0; // the timer that waits for the last change
  #preview = 0; // the job that shows the hints as they were a moment ago
  #behind = false; // whether they have changed since

  #status = h("p", { role: "status", class: "own-status" });
  #bar = h("progress", { max: 1, value: 0, "aria-label": "Progress", hidden: true });
  #cancel = h("button", { type: "button", hidden: true, onclick: () => this.#stop() }, "Cancel");
  work = h("div", { class: "own-work" }, this.#status, this.#bar, this.#cancel);
  result = h("div", { class: "own-result" });
  batch = new Batch({
    color: (file) => this.#send("color one", { file }),
    say: (sentence) => this.say(sentence),
    done: (sentence) => this.#done(sentence),
  });
  hints = new Hints(() => this.#follow());
  answer = h("div", { class: "own-answer" });
  #others = others((side) => this.#send("other", { side }));
  #slider = (/** @type {number} */ value) => saturation(value, () => this.#send("recolor"));
  #saturation = this.#slider(1);
  tools = h(
    "fieldset",
    { class: "own-tools", "aria-label": "The photograph in color", hidden: true },
    this.#others,
    this.#saturation,
    ...Object.entries(FORMATS).map(([label, format]) =>
      h("button", { type: "button", onclick: () => this.#send("save", { format }) }, `Download ${label}`),
    ),
    h("button", { type: "button", onclick: () => this.#share() }, "A card for a friend"),
  );

  /** @param {import("./own-models.js").Offer[]} offers @param {number} bytes that can be kept */
  constructor(offers, bytes) {
    this.keep = new Keep(bytes);
    this.models = new Models(offers, {
      changed: () => this.#change(),
      bring: (file) => this.#bring(file),
      forget: (model) => this.#worker.postMessage({ type: "forget", model, job: this.#job }),
    });
    this.#worker.onmessage = ({ data }) => {
      this.#answered = this.#answered.then(() => this.#hear(data));
    };
    this.#worker.onerror = () =>
      this.#failed({ reason: "The worker that colors photographs couldn't start in this browser." });
  }

  /** Color a photograph, which has no hints yet. @param {Blob} file @param {string} called */
  take = (file, called) => this.#color({ file, name: called.replace(/\.[^.]*$/, "") || "photograph", hints: [] });

  /** Color what a reader has chosen, or color with it. @param {File[]} files */
  takeAll = (files) => {
    const network = files.find(isNetwork);
    if (network) this.#bring(network);
    else if (files.length > 1) this.batch.take(files);
    else if (files.length) this.take(files[0], files[0].name || "pasted");
  };

  /** Have a network of the reader's own checked. @param {File} file */
  #bring(file) {
    this.#send("bring", { file, taken: this.models.names });
    this.say(`Checking ${file.name}`);
  }

  /** Color with it from now on. @param {import("./own-network.js").Facts} facts */
  #brought(facts) {
    this.models.add(facts);
    if (this.#asked ?? this.#shown) this.#change();
    else this.#done(`${facts.name} answers as it did in Python, and colors your photographs from now on.`);
  }

  /** Go on with another model: of the photograph only the hints are kept. */
  #change() {
    const now = this.#asked ?? this.#shown;
    if (!now) return this.#send("load");
    this.#color({ file: now.file, name: now.name, hints: this.#asked?.hints ?? this.hints.plain, saturation: 1 });
  }

  /** @param {Asked} asked */
  #color(asked) {
    this.#name = asked.name;
    this.#asked = asked;
    this.#send("color", { ...asked });
    this.say("Reading the photograph");
  }

  /** Load the model, unless something is being done, which loads it as well. */
  load = () => {
    if (this.#bar.hidden) this.#send("load");
  };

  /** Begin to load the model while the reader looks for a photograph. */
  early = () => {
    if (!this.#job) this.load();
  };

  /** Tell the reader something, where they see it. @param {string} sentence */
  say = (sentence) => {
    this.#status.textContent = sentence;
    bringIntoSight(this.work);
  };

  /** Ask the worker for something. @param {string} type @param {Record<string, unknown>} [more] */
  #send(type, more) {
    const again = ["recolor", "preview", "other"].includes(type); // the photograph that is shown
    clearTimeout(this.#still);
    if (type !== "color one") this.batch.stop();
    this.#bar.hidden = this.#cancel.hidden = again;
    this.#focused = this.tools.contains(document.activeElement) ? document.activeElement : null;
    this.#rest(!again);
    const saturation = this.#saturation.querySelector("input")?.valueAsNumber;
    const { chosen: model } = this.models;
    this.#worker.postMessage({ type, model, saturation, hints: this.hints.plain, ...more, job: ++this.#job });
  }

  /** What belongs to the photograph that is shown rests while something else is done. @param {boolean} disabled */
  #rest(disabled) {
    this.tools.disabled = this.hints.disabled = disabled;
  }

  /** Let the picture follow the hints, as often as the worker has done with the one before. */
  #follow() {
    this.#behind = this.#preview === this.#job;
    if (this.#behind) return;
    this.#send("preview");
    this.#preview = this.#job;
  }

  /** After a preview: what has changed since, or, when nothing changes any more, the whole picture. @param {ImageBitmap} picture */
  #previewed(picture) {
    this.hints.preview(picture);
    this.#preview = 0;
    if (this.#behind) this.#follow();
    else this.#still = setTimeout(() => this.#send("recolor"), STILL);
  }

  #stop() {
    this.batch.stop();
    this.#worker.postMessage({ type: "cancel", job: ++this.#job });
    this.#done("Stopped.");
  }

  /** @param {string} sentence what the reader is told */
  #done(sentence) {
    this.#bar.hidden = this.#cancel.hidden = true;
    this.#asked = undefined;
    if (this.#shown) this.models.show(this.#shown.photograph.model); // also where another one couldn't be loaded
    this.#rest(false);
    if (document.activeElement === document.body && this.#focused instanceof HTMLElement) this.#focused.focus();
    this.#status.textContent = sentence;
  }

  /** Take an answer of the worker. @param {{type: string, job?: number}} message */
  async #hear(message) {
    if (message.job !== undefined && message.job !== this.#job) return;
    try {
      await this.#answers[message.type](message);
    } catch {
      this.#failed({ reason: "Your browser can't show this picture. Make it smaller, or save it as JPEG." });
    }
  }

  /** @type {Record<string, (message: any) => void>} */
  #answers = {
    loading: (message) => this.#loading(message),
    loaded: () => this.#loaded(),
    brought: ({ facts }) => this.#brought(facts),
    progress: ({ step, fraction }) => this.#progress(step, fraction),
    colored: (message) => this.#colored(message),
    other: ({ hints }) => this.hints.take(hints),
    previewed: ({ picture }) => this.#previewed(picture),
    saved: (message) => this.batch.made(message) || this.#saved(message.blob),
    failed: (message) => this.batch.failed(message.reason) || this.#failed(message),
  };

  /** @param {string} doing @param {number} part of it */
  #progress(doing, part) {
    const { step, fraction } = this.batch.progress(doing, part);
    this.#bar.value = fraction;
    this.#status.textContent = `${step} …`;
  }

  /** @param {{model: string, fraction: number, megabytes: number}} message */
  #loading({ model, fraction, megabytes }) {
    if (this.#bar.hidden || model !== this.models.chosen) return; // whoever asked for it has stopped
    this.#bar.value = fraction;
    this.#status.textContent = `Loading the model: ${Math.round(100 * fraction)} % of ${megabytes.toFixed(1)} MB`;
  }

  #loaded() {
    this.keep.model(this.models.chosen);
    this.#done("The model is here; from now on your own photographs need no connection.");
  }

  /** @param {{job: number, picture: Blob, photograph?: Photograph}} message without `photograph`: the one shown, anew */
  async #colored({ job, picture, photograph }) {
    if (photograph && !(await this.#present(photograph, picture, job))) return;
    if (!photograph && this.#shown) await show(this.#shown.picture, picture);
    if (!this.#shown || job !== this.#job) return;
    this.hints.preview();
    this.#done(said(this.#shown.photograph));
    if (photograph) bringIntoSight(this.work, this.tools);
  }

  /**
   * Show another photograph; tell whether it is still wanted when its pictures have been read.
   * @param {Photograph} photograph @param {Blob} colored @param {number} job
   */
  async #present(photograph, colored, job) {
    const { file = new Blob() } = this.#asked ?? {};
    const before = this.#shown?.file === file ? this.#shown : undefined;
    const { slider, gray, picture } = await versionsOf(photograph, colored, before);
    if (job !== this.#job) {
      forget(slider);
      return false;
    }
    forget(this.result);
    this.result.replaceChildren(slider);
    this.keep.model(photograph.model);
    this.hints.begin(slider, photograph.grid, photograph.hints, this.#name);
    const connect = (/** @type {MessagePort} */ port) =>
      this.#worker.postMessage({ type: "zoom", job: this.#job }, [port]);
    this.answer.replaceChildren(explain(photograph.answer, () => zoom(connect)));
    this.tools.hidden = false;
    this.#others.hidden = !photograph.others;
    if (this.#saturation.querySelector("input")?.valueAsNumber !== photograph.saturation) {
      const anew = this.#slider(photograph.saturation);
      this.#saturation.replaceWith(anew);
      this.#saturation = anew;
    }
    this.#shown = { photograph, gray, picture, file, name: this.#name };
    this.#worker.postMessage({ type: "shown", job });
    return true;
  }

  /** Hand out a picture of the photograph, before and after. */
  async #share() {
    if (!this.#shown) return;
    const { gray, picture, name } = this.#shown;
    await send(await photographCard(gray, picture), `${name}-card.png`, "Colored by a neural network, in my browser.");
  }

  /** @param {Blob} blob */
  #saved(blob) {
    const { name, photograph } = /** @type {Shown} */ (this.#shown);
    const file = `${name}-colorized-${photograph.model}.${blob.type === FORMATS.PNG ? "png" : "jpg"}`;
    download(blob, file);
    this.#done(`Saved as ${file}.`);
  }

  /** @param {{reason: string, name?: string}} message `name` of the file, unless it is the photograph's */
  #failed({ reason, name = this.#name }) {
    this.#preview = 0;
    const sentence = name ? `${name}: ${reason}` : reason;
    this.#done(sentence);
    this.say(sentence);
  }
}
