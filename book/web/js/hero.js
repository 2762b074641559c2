// The welcome page's photograph: its color comes over the gray as one looks, and stays with whoever takes the divider.

import { compare } from "./compare.js";
import { moveTo, options } from "./dom.js";

const START = 800; // milliseconds that the gray photograph is seen alone
const DURATION = 3500; // what moves by itself for longer than five seconds would need a button to stop it
const [GRAY, HALF, COLORED] = [100, 50, 12]; // percent that are gray

/** @param {HTMLElement} element holds the gray and the colored picture; `data-options` has their `labels` */
export async function mount(element) {
  const pictures = [...element.querySelectorAll("img")];
  await Promise.all(pictures.map((picture) => picture.decode()));
  const slider = compare(pictures.map((picture, i) => ({ label: options(element).labels[i], picture })));
  const divider = /** @type {HTMLInputElement} */ (slider.querySelector("input"));
  const move = (/** @type {number} */ percent) => moveTo(divider, percent);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  move(still ? HALF : GRAY);
  element.replaceChildren(slider);
  if (!still) sweep(slider, move);
}

/**
 * Move the divider from the gray to the colored photograph, until the reader touches it.
 * @param {HTMLElement} slider
 * @param {(percent: number) => void} move
 */
function sweep(slider, move) {
  let taken = false;
  for (const kind of ["pointerdown", "keydown", "focusin"])
    slider.addEventListener(kind, () => (taken = true), { once: true });
  const begun = performance.now() + START;
  const step = (/** @type {number} */ now) => {
    if (taken) return;
    const part = Math.min(1, Math.max(0, (now - begun) / DURATION));
    move(GRAY + (COLORED - GRAY) * part * part * (3 - 2 * part)); // slow at both ends
    if (part < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}
