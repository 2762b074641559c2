// The compare slider: two versions of a photograph, one over the other, with a divider between them.

import { h, options } from "./dom.js";

/** @typedef {{label: string, picture: HTMLElement}} Version A name and a canvas or img; all have one shape. */

let count = 0;

/**
 * Make a compare slider.
 * @param {Version[]} versions two or more
 * @param {{left?: number, right?: number}} [shown] which versions to begin with
 * @returns {HTMLElement}
 */
export function compare(versions, { left = 0, right = versions.length - 1 } = {}) {
  const group = `compare-${count++}`;
  const sides = { left, right };
  const stage = h("div", { class: "compare-stage" });
  const divider = h("input", { type: "range", min: 0, max: 100, step: 1, value: 50, "aria-label": "Divider" });
  const root = h("div", { class: "compare" }, stage, divider);

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
    move(divider.valueAsNumber);
  };
  const follow = (/** @type {PointerEvent} */ event) => {
    const box = stage.getBoundingClientRect();
    move(Math.round((100 * (event.clientX - box.left)) / box.width));
  };
  divider.addEventListener("input", () => move(divider.valueAsNumber));
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    follow(event);
  });
  stage.addEventListener("pointermove", (event) => {
    if (stage.hasPointerCapture(event.pointerId)) follow(event);
  });

  const choices = /** @type {const} */ (["left", "right"]).map((side) => {
    const select = h(
      "select",
      { id: `${group}-${side}` },
      ...versions.map((one, i) => h("option", { value: i }, one.label)),
    );
    select.selectedIndex = sides[side];
    select.addEventListener("change", () => {
      const other = side === "left" ? "right" : "left";
      if (select.selectedIndex === sides[other]) {
        sides[other] = sides[side];
        /** @type {HTMLSelectElement} */ (root.querySelector(`#${group}-${other}`)).selectedIndex = sides[other];
      }
      sides[side] = select.selectedIndex;
      show();
    });
    return h("label", {}, h("span", {}, side === "left" ? "Left" : "Right"), select);
  });
  const zoom = h("button", { type: "button", "aria-pressed": "false" }, "Zoom");
  zoom.addEventListener("click", () => {
    zoom.setAttribute("aria-pressed", String(root.classList.toggle("compare-zoomed")));
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
      if (!place.firstChild) place.append(compare(pictures.map(versionOf)));
      place.hidden = !place.hidden;
      button.setAttribute("aria-expanded", String(!place.hidden));
    });
    title.append(" ", button, place);
  }
}

/** @param {HTMLImageElement} picture @returns {Version} */
function versionOf(picture) {
  const copy = /** @type {HTMLImageElement} */ (picture.cloneNode());
  return { label: picture.closest("td")?.dataset.column ?? picture.alt, picture: copy };
}
