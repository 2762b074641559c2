// The color Turing test: which of two photographs was colored by a network? Its rules are in turing-protocol.js.

import { h } from "./dom.js";
import { OwnNetworks } from "./turing-own.js";
import { FORMS, picturePath, plan, SEEDS, sides, weight } from "./turing-protocol.js";
import { results } from "./turing-results.js";
import { conduct } from "./turing-stage.js";

/** @typedef {import("./turing-protocol.js").Index} Index */
/** @typedef {import("./turing-protocol.js").Planned} Planned */
/** @typedef {import("./turing-protocol.js").Settings} Settings */
/** @typedef {Map<string, HTMLImageElement>} Pictures by their path */

const PICTURES = new URL("../turing/", import.meta.url);
export const own = new OwnNetworks();
const MINUTES = { short: "1 to 2", long: "3 to 5" };

/** @param {HTMLElement} element */
export async function mount(element) {
  const answer = await fetch(new URL("index.json", PICTURES));
  if (!answer.ok) throw new Error(`the list of pictures could not be loaded (${answer.status})`);
  begin(element, await answer.json());
}

/**
 * Show the settings and, when the reader starts, the test.
 * @param {HTMLElement} element
 * @param {Index} index
 * @param {Partial<Settings>} [last] the settings of the test before
 */
function begin(element, index, last = {}) {
  const message = h("p", { role: "status", class: "turing-status" });
  const start = h("button", { type: "submit", class: "turing-button" }, "Start");
  const more = h("details", {}, h("summary", {}, "Network, seed and time limit"), ...moreFields(index, last));
  const form = h("form", { class: "turing-settings", novalidate: true }, lengthField(last), start, message, more);
  const tell = () => {
    const { form: length, model, seed } = settingsOf(form);
    const megabytes = weight(index.photographs, plan(index.photographs, length, seed), model) / 1e6;
    message.textContent = `Start loads ${megabytes.toFixed(1)} MB of pictures. Nothing is sent anywhere.`;
  };
  form.addEventListener("change", tell);
  const select = /** @type {HTMLSelectElement} */ (more.querySelector("select"));
  const brought = (/** @type {string} */ name) => {
    select.replaceChildren(...modelOptions(index, name));
    tell();
    message.textContent = `${name} answers as it did in Python, and colors the fakes. ${message.textContent}`;
  };
  const say = (/** @type {string} */ sentence) => (message.textContent = sentence);
  select.parentElement?.after(own.field(index.models, brought, say));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    start.disabled = true;
    const settings = settingsOf(form);
    const planned = plan(index.photographs, settings.form, settings.seed);
    try {
      const pictures = await load(planned, settings.model, index.side, (done) => {
        message.textContent = `Loading: ${Math.round(100 * done)} %`;
      });
      const started = `${new Date().toISOString().slice(0, 19)}Z`;
      const trials = await conduct(element, planned, pictures, settings);
      const page = results({ ...settings, started, trials }, index, pictures, () => begin(element, index, settings));
      element.replaceChildren(page);
      page.focus();
    } catch (error) {
      element.replaceChildren(form);
      start.disabled = false;
      message.textContent = `${error instanceof Error ? error.message : error} Press Start to try again.`;
    }
  });
  tell();
  element.replaceChildren(form);
}

/** @param {Partial<Settings>} last */
function lengthField(last) {
  /** @param {"short" | "long"} name */
  const length = (name) => {
    const { practice, test, catch: caught } = FORMS[name];
    const input = h("input", { type: "radio", name: "form", value: name, checked: (last.form ?? "short") === name });
    const pairs = `${practice} pairs for practice, then ${test + caught} more`;
    return h("label", {}, input, ` ${name}: ${pairs}; about ${MINUTES[name]} minutes`);
  };
  return h("fieldset", {}, h("legend", {}, "Length"), length("short"), length("long"));
}

/**
 * @param {Index} index
 * @param {Partial<Settings>} last
 */
function moreFields(index, last) {
  const models = modelOptions(index, last.model);
  const seed = Math.floor(Math.random() * SEEDS);
  const limits = { type: "number", name: "seed", min: 0, max: SEEDS - 1, step: 1, value: seed };
  const untimed = h("input", { type: "checkbox", name: "untimed", checked: Boolean(last.untimed) });
  return [
    h("label", {}, h("span", {}, "Who colors the fakes"), h("select", { name: "model" }, ...models)),
    h("label", {}, h("span", {}, "Seed: the same number gives the same test"), h("input", limits)),
    h("label", {}, h("span", {}, untimed, " No time limit: a pair stays until you have chosen")),
  ];
}

/** @param {Index} index @param {string} [chosen] */
const modelOptions = (index, chosen) =>
  index.models.map(({ name, label }) => h("option", { value: name, selected: name === chosen }, label));

/**
 * @param {HTMLFormElement} form
 * @returns {Settings}
 */
function settingsOf(form) {
  const data = new FormData(form);
  return {
    form: data.get("form") === "long" ? "long" : "short",
    model: String(data.get("model")),
    seed: Math.min(SEEDS - 1, Math.max(0, Math.floor(Number(data.get("seed")) || 0))),
    untimed: data.has("untimed"),
  };
}

/**
 * Load every picture of a test before it begins, so that none appears late.
 * @param {Planned[]} planned
 * @param {string} model
 * @param {number} side in pixels
 * @param {(done: number) => void} progress
 * @returns {Promise<Pictures>}
 */
async function load(planned, model, side, progress) {
  const both = /** @param {Planned} trial */ (trial) =>
    Object.values(sides(trial, model)).map((kind) => ({ kind, path: picturePath(kind, trial.photograph), trial }));
  const wanted = planned.flatMap(both);
  /** @type {Pictures} */
  const pictures = new Map();
  let failed = false;
  const one = /** @param {ReturnType<typeof both>[0]} picture */ async ({ kind, path, trial: { photograph } }) => {
    const real = new URL(picturePath("real", photograph), PICTURES);
    const src = own.has(kind) ? await own.colored(kind, real) : new URL(path, PICTURES).href;
    const picture = h("img", { alt: "", width: side, height: side, src });
    try {
      await picture.decode();
    } catch {
      failed = true;
      throw new Error(`The picture ${path} could not be loaded.`);
    }
    pictures.set(path, picture);
    if (!failed) progress(pictures.size / wanted.length);
  };
  await Promise.all(wanted.map(one));
  return pictures;
}
