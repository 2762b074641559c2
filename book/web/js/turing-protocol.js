// The color Turing test without its screen: which pairs, in what order, and what the answers say.

/** @typedef {"left" | "right"} Side */
/** @typedef {"practice" | "test" | "catch"} Part */
/** @typedef {{part: Part, photograph: string, fake: Side}} Planned */
/** @typedef {Planned & {chosen: Side | null, seconds: number | null}} Trial */
/** @typedef {{file: string, title: string, author: string, year: string, license: string, source: string,
 *   bytes: Record<string, number>}} Photograph */
/** @typedef {{name: string, label: string}} Model */
/** @typedef {{course: string, side: number, models: Model[], photographs: Photograph[]}} Index */
/** @typedef {{form: "short" | "long", model: string, seed: number, untimed: boolean}} Settings */
/** @typedef {Settings & {started: string, trials: Trial[]}} Run */

/** Pairs of each part. The published test had 10 for practice and 40 more. */
export const FORMS = {
  short: { practice: 4, test: 12, catch: 1 },
  long: { practice: 8, test: 36, catch: 4 },
};
export const SEEDS = 1_000_000; // seeds are whole numbers below this: short enough to be read aloud
export const SHOWN = 1000; // milliseconds that a pair is seen
const Z = 1.959964; // 95 % of a normal distribution lie within this many standard deviations

/**
 * Make a source of random numbers in [0, 1) that is the same for the same seed: mulberry32, 32 bits of state.
 * @param {number} seed
 * @returns {() => number}
 */
export function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Return the items in another order; every order is equally likely (Fisher and Yates).
 * @template T
 * @param {T[]} items
 * @param {() => number} random
 * @returns {T[]}
 */
export function shuffled(items, random) {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other], result[last]];
  }
  return result;
}

/**
 * Plan a test: practice first, then test and catch trials mixed; no photograph twice. A seed gives one test.
 * @param {Photograph[]} photographs those with `bytes.catch` can serve in catch trials
 * @param {keyof typeof FORMS} form
 * @param {number} seed
 * @returns {Planned[]}
 */
export function plan(photographs, form, seed) {
  const counts = FORMS[form];
  const needed = counts.practice + counts.test + counts.catch;
  if (photographs.length < needed) {
    throw new Error(`There are ${photographs.length} photographs; this form needs ${needed}. Choose the short form.`);
  }
  const random = mulberry32(seed);
  const order = shuffled(photographs, random);
  const catches = order.filter((photograph) => photograph.bytes.catch).slice(0, counts.catch);
  if (catches.length < counts.catch) throw new Error(`There are ${catches.length} photographs for catch trials.`);
  const others = order.filter((photograph) => !catches.includes(photograph));
  /** @type {(part: Part) => (photograph: Photograph) => Planned} */
  const trial =
    (part) =>
    ({ file }) => ({ part, photograph: file, fake: random() < 0.5 ? "left" : "right" });
  const practice = others.slice(0, counts.practice).map(trial("practice"));
  const test = others.slice(counts.practice, counts.practice + counts.test).map(trial("test"));
  return [...practice, ...shuffled([...test, ...catches.map(trial("catch"))], random)];
}

/**
 * Return the path of a picture below the folder of the test's pictures.
 * @param {string} kind "real", "catch" or a model
 * @param {string} file the photograph's file name
 */
export function picturePath(kind, file) {
  return `${kind}/${file.replace(/\.[^.]+$/, "")}.webp`;
}

/**
 * Return which picture stands on which side.
 * @param {Planned} trial
 * @param {string} model
 * @returns {Record<Side, string>} the kind of picture of each side
 */
export function sides(trial, model) {
  const fake = trial.part === "catch" ? "catch" : model;
  return trial.fake === "left" ? { left: fake, right: "real" } : { left: "real", right: fake };
}

/**
 * Return how many bytes a test loads.
 * @param {Photograph[]} photographs
 * @param {Planned[]} trials
 * @param {string} model
 */
export function weight(photographs, trials, model) {
  const bytes = new Map(photographs.map((photograph) => [photograph.file, photograph.bytes]));
  const of = /** @param {Planned} trial */ (trial) =>
    Object.values(sides(trial, model)).reduce((sum, kind) => sum + (bytes.get(trial.photograph)?.[kind] ?? 0), 0);
  return trials.reduce((sum, trial) => sum + of(trial), 0);
}

/**
 * Return Wilson's 95 % interval of a rate.
 * @param {number} times how often it happened
 * @param {number} n of how many
 * @returns {[number, number]}
 */
export function wilson(times, n) {
  if (n === 0) return [0, 1];
  const p = times / n;
  const middle = p + Z ** 2 / (2 * n);
  const half = Z * Math.sqrt((p * (1 - p)) / n + Z ** 2 / (4 * n ** 2));
  const scale = 1 + Z ** 2 / n;
  return [Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale)];
}

/**
 * Count the answers. A pair fooled its viewer if the real photograph was taken for the fake; without an answer it
 * doesn't count, but a catch trial without one is missed.
 * @param {Trial[]} trials
 */
export function summary(trials) {
  const answered = trials.filter((trial) => trial.chosen !== null);
  const test = answered.filter((trial) => trial.part === "test");
  const catches = trials.filter((trial) => trial.part === "catch");
  const fooled = test.filter((trial) => trial.chosen !== trial.fake).length;
  return {
    fooled,
    pairs: test.length,
    rate: test.length ? fooled / test.length : null,
    interval: wilson(fooled, test.length),
    caught: catches.filter((trial) => trial.chosen === trial.fake).length,
    catches: catches.length,
    unanswered: trials.length - answered.length,
  };
}

/**
 * Return the text of the result file.
 * @param {Run} run
 * @param {string} course the course's version
 */
export function resultFile({ form, model, seed, untimed, started, trials }, course) {
  const shown = untimed ? null : SHOWN / 1000; // in seconds, as the library counts
  const head = { kind: "color-turing-test", version: 1, course, form, model, seed, shown, started };
  return `${JSON.stringify({ ...head, trials }, null, 1)}\n`;
}
