// The color Turing test while it runs: two places, a pair for a second, an answer, the next pair.

import { h } from "./dom.js";
import { picturePath, SHOWN, sides } from "./turing-protocol.js";

/** @typedef {import("./turing-protocol.js").Planned} Planned */
/** @typedef {import("./turing-protocol.js").Side} Side */
/** @typedef {import("./turing-protocol.js").Trial} Trial */
/** @typedef {{trial: Planned, pair: HTMLImageElement[], name: string, untimed: boolean}} Pair */

const BETWEEN = 800; // milliseconds of empty places before a pair appears
/** @type {Side[]} */
const SIDES = ["left", "right"];
/** @type {Record<string, Side>} */
const KEYS = { ArrowLeft: "left", ArrowRight: "right" };
const NEUTRAL = ["Left", "Right"];
const QUESTION = ["Left is the fake", "Right is the fake"];

/** @param {number} milliseconds */
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** @returns {Promise<number>} */
const nextFrame = () => new Promise(requestAnimationFrame);

class Stage {
  /** @type {((side: Side | null) => void) | null} what an answer calls, while one is awaited */
  answer = null;
  paused = false;
  stopped = false;
  status = h("p", { role: "status", class: "turing-status" });
  onward = h("button", { type: "button", class: "turing-button", hidden: true });
  pause = h("button", { type: "button", onclick: () => this.wantPause(!this.paused) }, "Pause after this pair");
  places = SIDES.map((side) =>
    h(
      "button",
      { type: "button", class: "turing-choice", onclick: () => this.answer?.(side) },
      h("span", { class: "turing-place" }),
      h("span", { class: "turing-label" }),
    ),
  );

  constructor() {
    const stop = h("button", { type: "button", onclick: () => this.stop() }, "Stop here");
    this.element = h(
      "div",
      { class: "turing-stage", tabindex: -1, role: "group", "aria-label": "Color Turing test" },
      this.status,
      h("div", { class: "turing-pair" }, ...this.places),
      this.onward,
      h("p", { class: "turing-tools" }, this.pause, stop),
    );
    this.wantPause(false);
  }

  /** @param {boolean} wanted */
  wantPause(wanted) {
    this.paused = wanted;
    this.pause.setAttribute("aria-pressed", String(wanted));
  }

  stop() {
    this.stopped = true;
    this.answer?.(null);
    this.onward.click();
  }

  /**
   * Listen for the arrow keys wherever the focus is: pages of the book may turn with them.
   * @param {KeyboardEvent} event
   */
  onKey = (event) => {
    const side = KEYS[event.key];
    if (!side || !this.answer || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.answer(side);
  };

  /**
   * @param {boolean} shown whether the pictures are seen
   * @param {boolean} open whether an answer is taken
   * @param {string[]} labels
   */
  set(shown, open, labels) {
    this.places.forEach((place, i) => {
      place.classList.toggle("turing-shown", shown);
      place.setAttribute("aria-disabled", String(!open));
      /** @type {HTMLElement} */ (place.lastElementChild).textContent = labels[i];
    });
  }

  /**
   * Say something and wait until the reader wants to go on.
   * @param {string} words
   * @param {string} name of the button
   */
  async goOn(words, name) {
    this.status.textContent = words;
    this.onward.textContent = name;
    this.onward.hidden = false;
    this.onward.focus();
    await new Promise((resolve) => this.onward.addEventListener("click", resolve, { once: true }));
    this.onward.hidden = true;
    this.element.focus({ preventScroll: true });
  }

  /**
   * Show a pair and wait for the answer; its seconds are counted from the moment that the pair appeared.
   * @param {Pair} pair
   * @returns {Promise<Trial>}
   */
  async ask({ trial, pair, name, untimed }) {
    this.places.forEach((place, i) => /** @type {HTMLElement} */ (place.firstElementChild).replaceChildren(pair[i]));
    this.status.textContent = name;
    await Promise.all([sleep(BETWEEN), ...pair.map((picture) => picture.decode())]);
    this.set(true, untimed, untimed ? QUESTION : NEUTRAL);
    const start = await nextFrame();
    if (!untimed) {
      await sleep(SHOWN);
      this.set(false, true, QUESTION);
    }
    if (this.stopped) return unanswered(trial);
    this.status.textContent = `${name}: which one is the fake?`;
    const chosen = await new Promise((/** @type {(side: Side | null) => void} */ resolve) => (this.answer = resolve));
    this.answer = null;
    if (!chosen) return unanswered(trial);
    return { ...trial, chosen, seconds: Math.round((performance.now() - start) / 10) / 100 };
  }

  /**
   * Say after a practice pair which one was the fake.
   * @param {Trial} trial
   */
  async feedback({ fake, chosen }) {
    const labels = SIDES.map((side) => (side === fake ? "Fake" : "Real"));
    this.set(true, false, labels);
    await this.goOn(`${chosen === fake ? "Right" : "Wrong"}: the ${fake} one is the fake.`, "Next pair");
  }
}

/**
 * @param {Planned} trial
 * @returns {Trial}
 */
function unanswered(trial) {
  return { ...trial, chosen: null, seconds: null };
}

/**
 * Go through the pairs and return what was chosen.
 * @param {HTMLElement} element
 * @param {Planned[]} planned
 * @param {Map<string, HTMLImageElement>} pictures by their path
 * @param {{model: string, untimed: boolean}} settings
 * @returns {Promise<Trial[]>}
 */
export async function conduct(element, planned, pictures, { model, untimed }) {
  const stage = new Stage();
  element.replaceChildren(stage.element);
  stage.element.focus();
  document.addEventListener("keydown", stage.onKey, true);
  const practice = planned.filter((trial) => trial.part === "practice").length;
  /** @type {Trial[]} */
  const trials = [];
  try {
    for (const [i, trial] of planned.entries()) {
      stage.set(false, false, NEUTRAL);
      if (!stage.stopped && i === practice) {
        await stage.goOn("Practice is over. From here on you are not told whether you are right.", "Begin");
      }
      if (!stage.stopped && (stage.paused || document.hidden)) await stage.goOn("Paused.", "Go on");
      stage.wantPause(false);
      if (stage.stopped) {
        trials.push(unanswered(trial));
        continue;
      }
      const [part, number, of] =
        i < practice ? ["Practice pair", i + 1, practice] : ["Pair", i + 1 - practice, planned.length - practice];
      const shown = sides(trial, model);
      const pair = SIDES.map((side) => pictures.get(picturePath(shown[side], trial.photograph)) ?? h("img"));
      const answered = await stage.ask({ trial, pair, name: `${part} ${number} of ${of}`, untimed });
      trials.push(answered);
      if (trial.part === "practice" && answered.chosen) await stage.feedback(answered);
    }
  } finally {
    document.removeEventListener("keydown", stage.onKey, true);
  }
  return trials;
}
