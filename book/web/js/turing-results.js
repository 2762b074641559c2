// What a finished color Turing test says: the rate beside the published ones, every pair again, the file to keep.

import { download, h, svg } from "./dom.js";
import { resultCard, send } from "./share-card.js";
import { picturePath, resultFile, sides, summary } from "./turing-protocol.js";

/** @typedef {import("./turing-protocol.js").Index} Index */
/** @typedef {import("./turing-protocol.js").Run} Run */
/** @typedef {import("./turing-protocol.js").Trial} Trial */
/** @typedef {{name: string, rate: number, interval?: [number, number]}} Row */

/** Published rates of fooled viewers, each measured by its authors on other people and other photographs. */
/** @type {Row[]} */
const PUBLISHED = [
  { name: "Zhang et al. 2016, by themselves", rate: 0.323 },
  { name: "Zhang et al., in the pix2pix paper", rate: 0.278 },
  { name: "pix2pix, in the pix2pix paper", rate: 0.225 },
  { name: "L2 regression, in the pix2pix paper", rate: 0.163 },
  { name: "Nobody can tell: chance", rate: 0.5 },
];

/** @param {number} rate */
const percent = (rate) => `${(100 * rate).toFixed(1)}\u00a0%`;
/** @param {[number, number]} interval */
const range = ([low, high]) => `${(100 * low).toFixed(1)} to ${percent(high)}`;

/**
 * Make the page of results.
 * @param {Run} run
 * @param {Index} index
 * @param {Map<string, HTMLImageElement>} pictures by their path
 * @param {() => void} again
 */
export function results(run, index, pictures, again) {
  const label = index.models.find(({ name }) => name === run.model)?.label ?? run.model;
  const limit = run.untimed ? ", without the time limit of the published tests" : "";
  const page = h("section", { class: "turing-results", tabindex: -1, "aria-label": "Your result" });
  /** @param {string} name @param {() => void} onclick */
  const button = (name, onclick) => h("button", { type: "button", class: "turing-button", onclick }, name);
  const answered = summary(run.trials).rate !== null;
  const buttons = [
    button("Download the result file", () => save(run, index)),
    ...(answered ? [button("A card for a friend", () => share(run.trials))] : []),
    button("Another test", again),
  ];
  page.append(
    h("p", { class: "rubric" }, `Your result: ${label}; ${run.form} form, seed ${run.seed}${limit}`),
    ...verdict(run.trials).map((sentence) => h("p", {}, sentence)),
    ratesTable(run.trials),
    h("p", { class: "turing-tools" }, ...buttons),
    ...review(run, index, pictures),
  );
  return page;
}

/**
 * Return what the answers say, a sentence each.
 * @param {Trial[]} trials
 */
export function verdict(trials) {
  const { fooled, pairs, rate, interval, caught, catches, unanswered } = summary(trials);
  const sentences = [];
  if (rate === null) sentences.push("You answered none of the pairs that count, so there is no rate.");
  else {
    sentences.push(
      `You were fooled by ${fooled} of ${pairs} pairs: ${percent(rate)} (95 % interval ${range(interval)}).`,
      interval[1] < 0.5
        ? "The whole interval lies below 50 %: you tell these fakes from photographs."
        : interval[0] > 0.5
          ? "The whole interval lies above 50 %: the fakes look more real to you than the photographs."
          : "The interval includes 50 %: these answers alone can't be told from guessing.",
    );
  }
  if (catches) {
    const trial = catches === 1 ? "catch trial" : "catch trials";
    sentences.push(`You found the fake in ${caught} of ${catches} ${trial}, where its colors are plainly wrong.`);
    if (caught < catches) sentences.push("A study would ask whether such answers were given with attention.");
  }
  if (unanswered)
    sentences.push(`Pairs without an answer: ${unanswered}. They are not counted; a catch trial among them is missed.`);
  return sentences;
}

/** @param {Trial[]} trials */
function ratesTable(trials) {
  const { rate, interval, pairs } = summary(trials);
  /** @type {Row[]} */
  const yours = rate === null ? [] : [{ name: `You, ${pairs} pairs`, rate, interval }];
  const rows = [...yours, ...PUBLISHED].map((row) =>
    h("tr", {}, h("th", { scope: "row" }, row.name), h("td", {}, percent(row.rate)), h("td", {}, line(row))),
  );
  const names = ["Whom it fooled", "Rate", "From 0 to 100 %"].map((name) => h("th", { scope: "col" }, name));
  const caption =
    "The published rates are of other people and other photographs; here, many know the colors of some buildings.";
  return h(
    "table",
    { class: "table turing-rates" },
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, ...names)),
    h("tbody", {}, ...rows),
  );
}

/**
 * Draw a rate as a dot, its interval as a line, chance as a dashed line.
 * @param {Row} row
 */
function line({ rate, interval }) {
  const drawing = svg("svg", { viewBox: "-2 0 104 12", "aria-hidden": "true" });
  drawing.append(
    svg("path", { d: "M0 6H100", class: "turing-axis" }),
    svg("path", { d: "M50 0V12", class: "turing-chance" }),
    ...(interval ? [svg("path", { d: `M${100 * interval[0]} 6H${100 * interval[1]}`, class: "turing-interval" })] : []),
    svg("circle", { cx: 100 * rate, cy: 6, r: 2.5 }),
  );
  return drawing;
}

/**
 * Show every pair again: first those that fooled the viewer, then the others.
 * @param {Run} run
 * @param {Index} index
 * @param {Map<string, HTMLImageElement>} pictures
 */
function review(run, index, pictures) {
  const numbers = { practice: 0, test: 0 };
  const items = run.trials.map((trial) => {
    const name = trial.part === "practice" ? `Practice pair ${++numbers.practice}` : `Pair ${++numbers.test}`;
    const fooled = trial.chosen !== null && trial.chosen !== trial.fake;
    return { fooled, item: pairAgain(trial, name, run.model, index, pictures) };
  });
  return [true, false].map((fooled) => {
    const chosen = items.filter((each) => each.fooled === fooled).map(({ item }) => item);
    const title = `${fooled ? "Pairs that fooled you, practice included" : "The other pairs"} (${chosen.length})`;
    const list = h("ol", { class: "turing-review" }, ...chosen);
    return h("details", { open: fooled && chosen.length > 0 }, h("summary", {}, title), list);
  });
}

/**
 * @param {Trial} trial
 * @param {string} name
 * @param {string} model
 * @param {Index} index
 * @param {Map<string, HTMLImageElement>} pictures
 */
function pairAgain(trial, name, model, index, pictures) {
  const photograph = index.photographs.find(({ file }) => file === trial.photograph);
  const title = photograph?.title ?? trial.photograph;
  const shown = sides(trial, model);
  const pair = /** @type {const} */ (["left", "right"]).map((side) => {
    const what = side === trial.fake ? "fake" : "real";
    const picture = pictures.get(picturePath(shown[side], trial.photograph)) ?? h("img");
    picture.alt = `${title}: ${what}`;
    const mark = side === trial.chosen ? ", the one you took for the fake" : "";
    return h("figure", {}, picture, h("figcaption", {}, h("strong", {}, what), mark));
  });
  const kind = trial.part === "catch" ? ", a catch trial" : "";
  const answer = trial.seconds === null ? "no answer" : `${trial.seconds.toFixed(2)} s`;
  const head = h("p", {}, `${name}${kind}: ${answer}`);
  return h("li", {}, head, h("div", { class: "turing-pair" }, ...pair), credit(photograph));
}

/** @param {import("./turing-protocol.js").Photograph | undefined} photograph */
function credit(photograph) {
  if (!photograph) return "";
  const { title, author, year, license, source } = photograph;
  const address = source.match(/^https?:\/\/\S+/)?.[0];
  const origin = address ? h("a", { href: address }, new URL(address).host.replace(/^www\./, "")) : source;
  const line = `${title}. ${author}${year ? ` (${year})` : ""}. ${license}. `;
  return h("p", { class: "turing-credit" }, line, origin, ". Cropped; the fake recolored.");
}

/**
 * Let the browser download the result file.
 * @param {Run} run
 * @param {Index} index
 */
function save(run, index) {
  const blob = new Blob([resultFile(run, index.course)], { type: "application/json" });
  const moment = run.started.replace(/[-:]/g, "");
  download(blob, `color-turing-test_${run.model}_${run.form}_${run.seed}_${moment}.json`);
}

/** Hand out a picture of the result. @param {Trial[]} trials */
async function share(trials) {
  const { fooled, pairs } = summary(trials);
  await send(await resultCard(fooled, pairs), "color-turing-test.png", `It fooled me in ${fooled} of ${pairs}.`);
}
