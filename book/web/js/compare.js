// The compare slider: two versions of a photograph, one over the other, with a divider between them.

import { h, options } from "./dom.js";

/** @typedef {{label: string, picture: HTMLImageElement}} Version A name and a picture; all have one shape. */

const LOOKED_AT = 200; // pixels, as in colorize_lib/plots.py

// What makes the enlarged photograph reachable by keyboard: arrow keys scroll it.
const SCROLLED = { tabindex: "0", role: "group", "aria-label": "The enlarged photograph" };

/**
 * Make a compare slider.
 * @param {Version[]} versions two or more
 * @param {{left?: number, right?: number}} [shown] which versions to begin with
 * @returns {HTMLElement}
 */
export function compare(versions, { left = 0, right = versions.length - 1 } = {}) {
  const sides = { left, right };
  const stage = h("div", { class: "compare-stage" });
  const divider = h("input", { type: "range", min: 0, max: 100, step: 1, value: 50, "aria-label": "Divider" });
  const frame = h("div", { class: "compare-frame" }, stage);
  const names = [h("span"), h("span")]; // beside the photograph, not on it: all of its pixels are looked at
  const named = h("div", { class: "compare-names", "aria-hidden": "true" }, ...names); // the divider says them
  const root = h("div", { class: "compare" }, named, frame, divider);

  const move = (/** @type {number} */ percent) => {
    divider.valueAsNumber = percent;
    stage.style.setProperty("--divider", `${divider.value}%`);
    const [over, under] = [versions[sides.left].label, versions[sides.right].label];
    divider.setAttribute("aria-valuetext", `${divider.value} % ${over}, ${100 - divider.valueAsNumber} % ${under}`);
  };
  const show = () => {
    const [over, under] = [versions[sides.left].picture, versions[sides.right].picture];
    over.classList.add("compare-over");
    under.classList.remove("compare-over");
    stage.replaceChildren(under, over, h("span", { class: "compare-line" }));
    [sides.left, sides.right].forEach((side, i) => (names[i].textContent = versions[side].label));
    lists.forEach((list, i) => {
      const elsewhere = lists[1 - i].selectedIndex; // arrow keys go past what the other side shows
      [...list.options].forEach((option, j) => (option.disabled = j === elsewhere));
    });
    move(divider.valueAsNumber);
  };
  const zoomed = () => root.classList.contains("compare-zoomed");
  const follow = (/** @type {MouseEvent} */ event) => {
    const box = stage.getBoundingClientRect();
    move(Math.round((100 * (event.clientX - box.left)) / box.width));
  };
  const lookAtDivider = () => {
    frame.scrollLeft = (stage.offsetWidth * divider.valueAsNumber) / 100 - frame.clientWidth / 2;
  };
  divider.addEventListener("input", () => {
    move(divider.valueAsNumber);
    lookAtDivider();
  });
  stage.addEventListener("dragstart", (event) => event.preventDefault()); // of the picture, in Firefox
  stage.addEventListener("click", follow);
  stage.addEventListener("pointerdown", (event) => {
    if (zoomed() && event.pointerType === "touch") return; // a finger moves the photograph, a tap the divider
    stage.setPointerCapture(event.pointerId);
    follow(event);
  });
  stage.addEventListener("pointermove", (event) => {
    if (stage.hasPointerCapture(event.pointerId)) follow(event);
  });

  const lists = /** @type {const} */ (["left", "right"]).map((side) => {
    const list = h("select", {}, ...versions.map(({ label }) => h("option", {}, label)));
    list.selectedIndex = sides[side];
    list.addEventListener("change", () => {
      sides[side] = list.selectedIndex;
      show();
    });
    return list;
  });
  const choices = lists.map((list, i) => h("label", {}, h("span", {}, i ? "Right" : "Left"), list));
  const zoom = h("button", { type: "button", "aria-pressed": "false" }, "Zoom");
  zoom.addEventListener("click", () => {
    const on = root.classList.toggle("compare-zoomed");
    zoom.setAttribute("aria-pressed", String(on));
    for (const [name, value] of Object.entries(SCROLLED))
      on ? frame.setAttribute(name, value) : frame.removeAttribute(name);
    frame.scrollTop = (stage.offsetHeight - frame.clientHeight) / 2;
    lookAtDivider();
  });
  root.append(h("div", { class: "compare-choices" }, ...choices, zoom));
  show();
  return root;
}

/**
 * Turn pictures side by side into a compare slider: at once, or in a strip under a button in each row.
 * @param {HTMLElement} element a comparison strip, or anything that holds pictures; `data-options` has their `labels`
 */
export function mount(element) {
  if (!element.matches("table.strip")) {
    /** @type {{labels: string[], left?: number, right?: number}} */
    const given = options(element);
    const pictures = [...element.querySelectorAll("img")];
    element.replaceChildren(
      compare(
        pictures.map((picture, i) => ({ label: given.labels[i], picture })),
        given,
      ),
    );
    return;
  }
  for (const title of element.querySelectorAll("td.strip-title")) {
    const pictures = [...(title.closest("tr")?.previousElementSibling?.querySelectorAll("img") ?? [])];
    if (pictures.length < 2) continue;
    const place = h("div", { hidden: true });
    const button = h("button", { type: "button", class: "compare-open", "aria-expanded": "false" }, "Compare");
    button.addEventListener("click", () => {
      if (!place.firstChild) place.append(withTruth(pictures.map(versionOf)));
      place.hidden = !place.hidden;
      button.setAttribute("aria-expanded", String(!place.hidden));
    });
    title.append(" ", button, place);
  }
}

/**
 * Compare the truth, where that is among them, with what stands before it: a network's colors. Pixel for pixel; only
 * pictures too small to be looked at are enlarged, by a whole number.
 * @param {Version[]} versions
 */
function withTruth(versions) {
  const truth = versions.findIndex(({ label }) => label === "Truth");
  const root = compare(versions, truth > 0 ? { left: truth - 1, right: truth } : {});
  const wide = Math.max(...versions.map(({ picture }) => Number(picture.getAttribute("width"))));
  const times = wide < LOOKED_AT ? Math.ceil(LOOKED_AT / wide) : 1;
  root.style.setProperty("--stage", `${times * wide}px`);
  root.classList.toggle("compare-enlarged", times > 1);
  return root;
}

/** A copy of a strip's picture; one that isn't enlarged is drawn without a filter. @param {HTMLImageElement} picture @returns {Version} */
function versionOf(picture) {
  const copy = /** @type {HTMLImageElement} */ (picture.cloneNode());
  copy.classList.toggle("compare-exact", picture.naturalWidth === Number(picture.getAttribute("width")));
  return { label: picture.closest("td")?.dataset.column ?? picture.alt, picture: copy };
}
