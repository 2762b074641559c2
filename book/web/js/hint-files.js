// Hints outside of the page: the file that `colorize photo --hints` reads too, and the sentence that a download holds.

/** @typedef {import("./hints.js").Hint} Hint */

const FORMAT = "colorize-hints";
const VERSION = 1;
export const MOST = 1000; // hints in one photograph
const DIGITS = 5; // of a place
const FIELDS = ["color", "x", "y"];
const EXPECTED = 'Expected is a file that "Save hints" has written.';

/** A fraction as it is written: what the page shows is what a file says. @param {number} fraction */
export function rounded(fraction) {
  return Number(Math.min(1, Math.max(0, fraction)).toFixed(DIGITS));
}

/** @param {Hint[]} hints @returns {Blob} */
export function written(hints) {
  const content = { format: FORMAT, version: VERSION, hints: hints.map(({ x, y, color }) => ({ x, y, color })) };
  return new Blob([JSON.stringify(content, null, 1)], { type: "application/json" });
}

/** Whether something has these fields and no others. @param {unknown} value @param {string[]} names sorted */
function has(value, names) {
  return typeof value === "object" && value !== null && Object.keys(value).sort().join() === names.join();
}

/** Why something is no hint; empty if it is one. @param {any} hint */
function fault(hint) {
  if (!has(hint, FIELDS)) return `fields other than ${FIELDS.join(", ")}`;
  if (![hint.x, hint.y].every((value) => typeof value === "number" && value >= 0 && value <= 1))
    return "a place that is not given as fractions from 0 to 1";
  return typeof hint.color === "string" && /^#[0-9a-f]{6}$/i.test(hint.color) ? "" : "a color that is not like #aabbcc";
}

/** @param {string} text @returns {Hint[]} an Error is thrown, in one sentence, for what is no file of hints */
export function read(text) {
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error(`This file is no JSON. ${EXPECTED}`);
  }
  if (!has(content, ["format", "hints", "version"]) || content.format !== FORMAT || !Array.isArray(content.hints))
    throw new Error(`This file holds no hints. ${EXPECTED}`);
  if (content.version !== VERSION) throw new Error(`This file is of another version of hints. ${EXPECTED}`);
  if (content.hints.length > MOST)
    throw new Error(`This file holds ${content.hints.length} hints; at most ${MOST} can be followed.`);
  for (const [i, hint] of content.hints.entries())
    if (fault(hint)) throw new Error(`Hint ${i + 1} of this file has ${fault(hint)}. ${EXPECTED}`);
  const places = new Set(content.hints.map((/** @type {Hint} */ { x, y }) => `${x} ${y}`));
  if (places.size < content.hints.length) throw new Error("Two hints of this file have the same place.");
  return content.hints.map((/** @type {Hint} */ { x, y, color }) => ({ x, y, color: color.toLowerCase() }));
}

/** One sentence for the metadata of a download; empty without hints. @param {Hint[]} hints */
export function said(hints) {
  if (!hints.length) return "";
  const each = hints.map(({ x, y, color }) => `${color} at ${x.toFixed(DIGITS)} ${y.toFixed(DIGITS)}`);
  return `Colors asked for by a person, at x y in fractions of width and height: ${each.join(", ")}.`;
}
