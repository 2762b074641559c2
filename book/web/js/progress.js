// What a reader has done, kept in this browser only: chapters read, predictions, quizzes, exercises.

import { h } from "./dom.js";

/**
 * @typedef {{read?: boolean, predicted?: Record<string, number | string>, asked?: number, quiz?: [number, number],
 *   done?: number[], exercises?: number}} Chapter what was done of a chapter, and how much there is to do
 * @typedef {{chapters: Record<string, Chapter>, uncovered?: boolean}} Progress
 */

const KEY = "course-progress";

/** What is kept of a prediction whose result was looked at first. */
export const SKIPPED = "skipped";

let kept = ""; // where the browser keeps nothing, at least for this page

/** The number of the chapter that a page belongs to, such as "04"; "" elsewhere. */
export const here = /\/(?:notebooks|exercises)\/(\d\d)_[^/]*$/.exec(location.pathname)?.[1] ?? "";

/** @returns {Progress} */
export function load() {
  try {
    kept = localStorage.getItem(KEY) ?? "";
  } catch {
    // Storage is forbidden.
  }
  try {
    const found = JSON.parse(kept);
    return { ...found, chapters: { ...found.chapters } };
  } catch {
    return { chapters: {} };
  }
}

/** @param {(progress: Progress) => void} change */
function update(change) {
  const progress = load();
  change(progress);
  kept = JSON.stringify(progress);
  try {
    localStorage.setItem(KEY, kept);
  } catch {
    // Full, or forbidden.
  }
}

/** Forget everything. */
function forget() {
  kept = "";
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}

/** What was done of this page's chapter. */
export const done = () => load().chapters[here] ?? {};

/** Keep what was done of this page's chapter. @param {(chapter: Chapter) => void} change */
export function note(change) {
  if (here) update(({ chapters }) => change((chapters[here] ??= {})));
}

/** A chapter is read when its end is on the screen. @param {Element} end */
export function watchEnd(end) {
  const observer = new IntersectionObserver(([{ isIntersecting }]) => {
    if (!isIntersecting) return;
    observer.disconnect();
    note((chapter) => (chapter.read = true));
  });
  observer.observe(end);
}

/** Give each exercise a box to tick, at the end of the line that tells its kind. @param {Element[]} lines */
export function addTicks(lines) {
  note((chapter) => (chapter.exercises = lines.length));
  for (const [i, line] of lines.entries()) {
    const tick = () =>
      note((chapter) => {
        const others = (chapter.done ?? []).filter((number) => number !== i + 1);
        chapter.done = box.checked ? [...others, i + 1].sort((a, b) => a - b) : others;
      });
    const box = h("input", { type: "checkbox", onchange: tick, "aria-label": `Exercise ${i + 1} done` });
    box.checked = !!done().done?.includes(i + 1);
    line.append(h("label", { class: "exercise-done" }, box, "Done"));
  }
}

/** How many predictions of a chapter were made; @param {Chapter} chapter */
const made = ({ predicted = {} }) => Object.values(predicted).filter((choice) => choice !== SKIPPED).length;

/** What was done of a chapter, in words. @param {Chapter} chapter */
function words(chapter) {
  const { read, asked, quiz, done, exercises } = chapter;
  const parts = [
    read && "read",
    made(chapter) && `${made(chapter)} of ${asked} predictions`,
    quiz && `quiz ${quiz[0]} of ${quiz[1]}`,
    done?.length && `${done.length} of ${exercises} exercises`,
  ];
  return parts.filter(Boolean);
}

/**
 * Fill the place that tells what was done, and mark the map: a fourth of a ring for each of the four things.
 * @param {HTMLDetailsElement} place @param {HTMLImageElement | null} map
 */
export async function show(place, map) {
  const list = h("ul");
  const nothing = h("p", {}, "Nothing is kept yet.");
  const wipe = () => {
    forget();
    fill();
    nothing.focus();
  };
  const cover = h("input", {
    type: "checkbox",
    onchange: () => update((progress) => (progress.uncovered = !cover.checked)),
  });
  nothing.tabIndex = -1;
  const button = h("button", { type: "button", class: "course-button", onclick: wipe }, "Wipe my progress");
  place.append(nothing, list, h("label", {}, cover, " Cover results until I have predicted them"), button);
  const rows = map ? await circles(map) : [];
  const marks = h("div", { class: "map-marks", "aria-hidden": "true" });
  if (map) layOver(map, marks);

  function fill() {
    const { chapters, uncovered } = load();
    const told = Object.entries(chapters)
      .map(([name, chapter]) => /** @type {const} */ ([name, words(chapter)]))
      .filter(([, parts]) => parts.length)
      .sort(([one], [other]) => one.localeCompare(other));
    list.replaceChildren(...told.map(([name, parts]) => h("li", {}, `Chapter ${name}: ${parts.join(", ")}`)));
    nothing.hidden = told.length > 0;
    button.disabled = !told.length;
    cover.checked = !uncovered;
    const begun = new Set(told.map(([name]) => name));
    marks.replaceChildren(...rows.flatMap((row) => (begun.has(row.name) ? [ring(row, chapters[row.name])] : [])));
  }
  fill();
  addEventListener("pageshow", ({ persisted }) => persisted && fill());
}

/** Keep an element exactly over a picture. @param {HTMLImageElement} picture @param {HTMLElement} element */
function layOver(picture, element) {
  picture.parentElement?.classList.add("has-marks");
  picture.after(element);
  const place = () => {
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = picture;
    element.style.cssText = `left: ${offsetLeft}px; top: ${offsetTop}px; width: ${offsetWidth}px; height: ${offsetHeight}px`;
  };
  new ResizeObserver(place).observe(picture);
}

/**
 * Where the chapters' circles are on the map, as shares of its size.
 * @param {HTMLImageElement} map @returns {Promise<{name: string, x: number, y: number, r: number}[]>}
 */
async function circles(map) {
  try {
    const drawn = new DOMParser().parseFromString(await (await fetch(map.src)).text(), "image/svg+xml");
    const [, , width, height] = (drawn.documentElement.getAttribute("viewBox") ?? "").split(" ").map(Number);
    return [...drawn.querySelectorAll("circle")].map((circle) => {
      const [x, y, r] = ["cx", "cy", "r"].map((name) => Number(circle.getAttribute(name)));
      return { name: circle.nextElementSibling?.textContent ?? "", x: x / width, y: y / height, r: r / width };
    });
  } catch {
    return []; // a page opened as a file can't read its pictures
  }
}

/**
 * A ring round a chapter's circle, as far round as was done: read, predictions, quiz, exercises.
 * @param {{x: number, y: number, r: number}} place @param {Chapter} chapter
 */
function ring({ x, y, r }, chapter) {
  const { read, asked = 0, quiz, done = [], exercises = 0 } = chapter;
  const shares = [read ? 1 : 0, asked && made(chapter) / asked, quiz ? 1 : 0, exercises && done.length / exercises];
  const share = shares.reduce((sum, one) => sum + Math.min(one, 1), 0) / 4;
  const style = `left: ${100 * x}%; top: ${100 * y}%; width: ${270 * r}%; --share: ${share}`;
  return h("span", { class: share === 1 ? "map-mark all" : "map-mark", style });
}
