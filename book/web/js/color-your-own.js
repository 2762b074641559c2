// "Color your own photograph": the page's side. All work with pixels is done by photo-worker.js.

import { bringIntoSight, download, h, options, slider } from "./dom.js";
import { Hints } from "./own-hints.js";
import { forget, show, versionsOf } from "./own-versions.js";
import { chooser, gallery } from "./own-ways.js";
import { photographCard, send } from "./share-card.js";
import { explain } from "./what-it-did.js";

const FORMATS = { PNG: "image/png", JPEG: "image/jpeg" };
const STILL = 150; // milliseconds without a change, after which the whole picture is made
const KINDS = {
  gray: "Your photograph was gray.",
  toned:
    "Your photograph was toned, in one tint that follows its brightness: it was made gray first, and the original is kept for comparison.",
  color: "Your photograph was in color: it was made gray first, and the original is kept for comparison.",
};

/** @typedef {{width: number, height: number, kind: keyof typeof KINDS, gray: Blob, original?: Blob, answer: import("./what-it-did.js").Answer, grid: import("./hints.js").Grid, hints: import("./hints.js").Hint[]}} Photograph `original` unless it is gray; `hints`: those it was colored with */
/** @typedef {{photograph: Photograph, gray: HTMLImageElement, picture: HTMLImageElement, name: string}} Shown */

/** @param {HTMLElement} element its `data-options` name the sample photographs */
export function mount(element) {
  const page = new Page();
  const samples = gallery(options(element).samples, page.take, page.say);
  element.replaceChildren(chooser(page), samples, page.work, page.result, page.hints.panel, page.tools, page.answer);
}

/** What the page shows and waits for. Each message to the worker is a job; answers to older ones are passed over. */
class Page {
  #worker = new Worker(new URL("./photo-worker.js", import.meta.url), { type: "module" });
  #answered = Promise.resolve(); // one after the other: a picture is shown before it is said to be saved
  #job = 0;
  #name = ""; // of the photograph that was handed over last
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
  hints = new Hints(() => this.#follow());
  answer = h("div", { class: "own-answer" });
  #saturation = slider({
    label: "Saturation",
    min: 0,
    max: 2,
    step: 0.05,
    value: 1,
    format: (value) => `${Math.round(100 * value)} %`,
    oninput: () => this.#send("recolor"),
  });
  tools = h(
    "fieldset",
    { class: "own-tools", "aria-label": "The photograph in color", hidden: true },
    this.#saturation,
    ...Object.entries(FORMATS).map(([label, format]) =>
      h("button", { type: "button", onclick: () => this.#send("save", { format }) }, `Download ${label}`),
    ),
    h("button", { type: "button", onclick: () => this.#share() }, "A card for a friend"),
  );

  constructor() {
    this.#worker.onmessage = ({ data }) => {
      this.#answered = this.#answered.then(() => this.#hear(data));
    };
    this.#worker.onerror = () =>
      this.#failed({ reason: "The worker that colors photographs couldn't start in this browser." });
  }

  /** Color a photograph. @param {Blob} file @param {string} called */
  take = (file, called) => {
    this.#name = called.replace(/\.[^.]*$/, "") || "photograph";
    this.#send("color", { file, hints: [] }); // hints belong to one photograph
    this.say("Reading the photograph");
  };

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
    const again = type === "recolor" || type === "preview"; // the photograph that is shown
    clearTimeout(this.#still);
    this.#bar.hidden = this.#cancel.hidden = again;
    this.#focused = this.tools.contains(document.activeElement) ? document.activeElement : null;
    this.#rest(!again);
    const saturation = this.#saturation.querySelector("input")?.valueAsNumber;
    this.#worker.postMessage({ type, saturation, hints: this.hints.plain, ...more, job: ++this.#job });
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
    this.#worker.postMessage({ type: "cancel", job: ++this.#job });
    this.#done("Stopped.");
  }

  /** @param {string} sentence what the reader is told */
  #done(sentence) {
    this.#bar.hidden = this.#cancel.hidden = true;
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
    loaded: () => this.#done("The model is here; from now on your own photographs need no network."),
    progress: ({ step, fraction }) => this.#progress(`${step} …`, fraction),
    colored: (message) => this.#colored(message),
    previewed: ({ picture }) => this.#previewed(picture),
    saved: ({ blob }) => this.#saved(blob),
    failed: (message) => this.#failed(message),
  };

  /** @param {string} sentence @param {number} fraction */
  #progress(sentence, fraction) {
    this.#bar.value = fraction;
    this.#status.textContent = sentence;
  }

  /** @param {{fraction: number, megabytes: number}} message */
  #loading({ fraction, megabytes }) {
    if (this.#bar.hidden) return; // whoever asked for the model has stopped
    this.#progress(`Loading the model: ${Math.round(100 * fraction)} % of ${megabytes.toFixed(1)} MB`, fraction);
  }

  /** @param {{job: number, picture: Blob, photograph?: Photograph}} message without `photograph`: the one shown, anew */
  async #colored({ job, picture, photograph }) {
    if (photograph && !(await this.#present(photograph, picture, job))) return;
    if (!photograph && this.#shown) await show(this.#shown.picture, picture);
    if (!this.#shown || job !== this.#job) return;
    this.hints.preview();
    this.#done(`Colored, ${sizeOf(this.#shown.photograph)}. ${KINDS[this.#shown.photograph.kind]}`);
    if (photograph) bringIntoSight(this.work, this.tools);
  }

  /**
   * Show another photograph; tell whether it is still wanted when its pictures have been read.
   * @param {Photograph} photograph @param {Blob} colored @param {number} job
   */
  async #present(photograph, colored, job) {
    const { slider, gray, picture } = await versionsOf(photograph, colored);
    if (job !== this.#job) {
      forget(slider);
      return false;
    }
    forget(this.result);
    this.result.replaceChildren(slider);
    this.hints.begin(slider, photograph.grid, photograph.hints, this.#name);
    this.answer.replaceChildren(explain(photograph.answer));
    this.tools.hidden = false;
    this.#shown = { photograph, gray, picture, name: this.#name };
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
    const file = `${this.#shown?.name}-colorized.${blob.type === FORMATS.PNG ? "png" : "jpg"}`;
    download(blob, file);
    this.#done(`Saved as ${file}.`);
  }

  /** @param {{reason: string}} message */
  #failed({ reason }) {
    this.#preview = 0;
    const sentence = this.#name ? `${this.#name}: ${reason}` : reason;
    this.#done(sentence);
    this.say(sentence);
  }
}

/** @param {Photograph} photograph */
const sizeOf = ({ width, height }) => `${width} × ${height} pixels`;
