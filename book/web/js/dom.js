// Small helpers that make elements, for every figure.

/** @typedef {Record<string, string | number | boolean | EventListener | ((event: any) => void) | null | undefined>} Attributes */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {Element} T
 * @param {T} element
 * @param {Attributes} attributes a function becomes a listener; false and null leave the attribute out
 * @param {(Node | string)[]} children
 * @returns {T}
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * Make an HTML element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * Make an SVG element.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * Make a labelled slider that shows its value.
 * @param {{label: string, min: number, max: number, step: number, value: number,
 *   format?: (value: number) => string, oninput?: (value: number) => void}} options
 * @returns {HTMLLabelElement} `slider.querySelector("input")` holds the value; `moveTo` sets it
 */
export function slider({ label, min, max, step, value, format = String, oninput }) {
  const shown = h("output", { "aria-live": "off" }, format(value)); // the slider itself says it
  const input = h("input", { type: "range", min, max, step, value, "aria-valuetext": format(value) });
  input.addEventListener("input", () => {
    shown.textContent = format(input.valueAsNumber);
    input.setAttribute("aria-valuetext", format(input.valueAsNumber));
    oninput?.(input.valueAsNumber);
  });
  return h("label", { class: "slider" }, h("span", {}, label), input, shown);
}

/** Move a slider as its reader would: what listens to it follows. @param {HTMLInputElement} input @param {number | string} value */
export function moveTo(input, value) {
  input.value = String(value);
  input.dispatchEvent(new Event("input"));
}

/**
 * The options that the page gave a figure, as JSON.
 * @param {HTMLElement} element
 * @returns {any}
 */
export function options(element) {
  return JSON.parse(element.dataset.options ?? "{}");
}

/** Let an element say something; nothing is laid out or read aloud anew where it says so already. @param {Element} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Let the browser save a file. @param {Blob} file @param {string} name */
export function download(file, name) {
  const href = URL.createObjectURL(file);
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

/** Scroll to the first of some elements, unless all of them are on the screen. @param {...HTMLElement} elements */
export function bringIntoSight(...elements) {
  const covered = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0; // by the page's own bar
  const seen = (/** @type {HTMLElement} */ element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= covered && bottom <= window.innerHeight;
  };
  if (!elements.every(seen)) elements[0].scrollIntoView({ block: "start", behavior: "instant" });
}
