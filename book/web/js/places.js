// Predictions of a place: it is tapped in the photograph above, or named; then the right place is outlined.

import { h } from "./dom.js";

const NEAR = 8; // percent of the photograph: a tap that misses all places by more names none

/** The photograph that a question is about: the first one of the last strip above it. @param {Element} asked */
function photographAbove(asked) {
  for (let before = asked.previousElementSibling; before; before = before.previousElementSibling) {
    const picture = [...before.querySelectorAll(".cell_output table.strip")].at(-1)?.querySelector("img");
    if (picture) return picture;
  }
  return undefined;
}

/** How far a place is from a point, in percent; 0 inside it. @param {number[]} area @param {number} x @param {number} y */
function distance([left, top, width, height], x, y) {
  return Math.hypot(Math.max(left - x, 0, x - left - width), Math.max(top - y, 0, y - top - height));
}

/**
 * Let the places that options name be tapped in the photograph above them.
 * @param {HTMLDetailsElement[]} options @param {HTMLElement} group the options as buttons
 */
export function onPhotograph(options, group) {
  const picture = photographAbove(group);
  if (!picture) return;
  const buttons = /** @type {HTMLElement[]} */ ([...group.querySelectorAll(".option")]);
  const areas = options.map((option) => (option.dataset.area ?? "").split(" ").map(Number));
  const outlines = areas.map(([left, top, width, height]) =>
    h("span", { class: "place", style: `left: ${left}%; top: ${top}%; width: ${width}%; height: ${height}%` }),
  );
  const frame = h("span", { class: "place-picture", onclick: tap });
  const title = picture.closest("tbody")?.querySelector(".strip-title");
  const told = h("span", { class: "place-told", role: "status" }, " Tap the place.");
  title?.append(told);
  picture.before(frame);
  frame.append(picture, ...outlines);

  /** @param {MouseEvent} event */
  function tap(event) {
    const box = frame.getBoundingClientRect();
    const at = [(100 * (event.clientX - box.left)) / box.width, (100 * (event.clientY - box.top)) / box.height];
    const far = areas.map((area) => distance(area, at[0], at[1]));
    const i = far.indexOf(Math.min(...far));
    if (far[i] > NEAR) told.textContent = " None of the places named below is there.";
    else buttons[i].click();
  }

  /** Outline the places whose buttons say whether they are right. */
  function follow() {
    for (const [i, outline] of outlines.entries()) outline.dataset.mark = buttons[i].dataset.mark ?? "";
    const chosen = buttons.findIndex((button) => button.getAttribute("aria-pressed") === "true");
    if (chosen >= 0) told.textContent = ` ${buttons[chosen].dataset.mark === "right" ? "Right" : "Not there"}.`;
  }
  group.addEventListener("click", follow);
  follow();
}
