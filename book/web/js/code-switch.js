// How much code a chapter shows: all of it, what it teaches, or none. The choice holds on every page of this device.

import { h } from "./dom.js";

const KEY = "code"; // in localStorage, which may be forbidden
const CELLS = "div.cell > details.hide";

/** Which cells are open, for each choice. @type {Record<string, (cell: HTMLDetailsElement) => boolean>} */
const CHOICES = {
  all: () => true,
  "what is taught": (cell) => Boolean(cell.closest(".taught")),
  none: () => false,
};

/** What was chosen before, on any page. */
function kept() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

/** @param {HTMLElement} element */
export function mount(element) {
  const buttons = Object.keys(CHOICES).map((name) =>
    h("button", { type: "button", onclick: () => choose(name) }, name),
  );
  const choose = (/** @type {string} */ chosen) => {
    try {
      localStorage.setItem(KEY, chosen);
    } catch {
      // The choice holds on this page.
    }
    show(chosen);
  };
  const show = (/** @type {string} */ chosen) => {
    document.documentElement.dataset.code = chosen;
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.textContent === chosen)));
    for (const cell of document.querySelectorAll(/** @type {"details"} */ (CELLS))) cell.open = CHOICES[chosen](cell);
  };
  const before = kept();
  show(before in CHOICES ? before : "what is taught");
  element.replaceChildren(
    h("div", { class: "code-switch", role: "group", "aria-label": "Code" }, "Code: ", ...buttons),
  );
}
