// Predictions: options become buttons, and the result below stays covered until the reader has chosen or skipped.

import { h } from "./dom.js";
import * as progress from "./progress.js";

/**
 * Options in groups, one a question: those that follow each other.
 * @param {Iterable<HTMLDetailsElement>} all @returns {HTMLDetailsElement[][]}
 */
export function grouped(all) {
  /** @type {HTMLDetailsElement[][]} */
  const groups = [];
  for (const option of all) {
    const before = groups.at(-1)?.at(-1);
    if (before && option.previousElementSibling === before) groups[groups.length - 1].push(option);
    else groups.push([option]);
  }
  return groups;
}

/** The text that asks: the paragraph above the options, which gets a name by which they refer to it. @param {Element} first */
function question(first) {
  const text = first.previousElementSibling;
  if (text) text.id ||= `asks-${first.getAttribute("data-key")}`;
  return text?.id;
}

/** What a folded option says, copied: on paper the option itself is shown. @param {Element} option */
const sentence = (option) => [...option.childNodes].slice(1).map((node) => node.cloneNode(true));

/**
 * Put buttons in the place of options. The one pressed first is the answer; after it the others open as well.
 * @param {HTMLDetailsElement[]} options @param {number | undefined} before the answer that is remembered
 * @param {(choice: number, right: boolean) => void} answer
 */
export function asButtons(options, before, answer) {
  const buttons = options.map((option, i) =>
    h(
      "button",
      { type: "button", class: "option", "aria-pressed": "false", onclick: () => press(i) },
      ...[...(option.firstElementChild?.childNodes ?? [])].map((node) => node.cloneNode(true)),
    ),
  );
  const whys = options.map(() => h("div", { class: "why", "aria-live": "polite" }));
  const isRight = (/** @type {number} */ i) => options[i].classList.contains("right");
  let chosen = -1;

  /** @param {number} i */
  function mark(i) {
    if (buttons[i].dataset.mark) return;
    buttons[i].dataset.mark = isRight(i) ? "right" : "wrong";
    buttons[i].append(h("span", { class: "visually-hidden" }, isRight(i) ? ", right" : ", wrong"));
  }

  /** @param {number} i @param {boolean} open */
  function unfold(i, open) {
    buttons[i].setAttribute("aria-expanded", String(open));
    whys[i].replaceChildren(...(open ? sentence(options[i]) : []));
    if (open) mark(i);
  }

  /** @param {number} i */
  function choose(i) {
    chosen = i;
    buttons[i].setAttribute("aria-pressed", "true");
    buttons.forEach((_, other) => unfold(other, other === i));
    mark(options.findIndex((_, other) => isRight(other)));
  }

  /** @param {number} i */
  function press(i) {
    if (chosen >= 0) return unfold(i, !whys[i].firstChild);
    choose(i);
    answer(i, isRight(i));
  }

  const group = h(
    "div",
    { class: "options", role: "group", "aria-labelledby": question(options[0]) },
    ...buttons.flatMap((button, i) => [button, whys[i]]),
  );
  options[0].before(group);
  for (const option of options) option.classList.add("has-buttons");
  if (before !== undefined && buttons[before]) choose(before);
  return group;
}

/** Read a number as people type it: 3,584 or 3584, 0.5 or 0,5, 12 %. @param {string} typed */
export function numberFrom(typed) {
  const plain = typed.replace(/[\s_%]/g, "").replace("\u2212", "-");
  const thousands = /^-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(plain);
  return plain ? Number(thousands ? plain.replaceAll(",", "") : plain.replace(",", ".")) : NaN;
}

/**
 * Put a field in the place of an option that asks for a number.
 * @param {HTMLDetailsElement} option @param {number | undefined} before @param {(value: number) => void} answer
 */
function asField(option, before, answer) {
  const [wanted, within] = [Number(option.dataset.answer), Number(option.dataset.within ?? 0)];
  const input = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", size: 8 });
  const why = h("div", { class: "why", "aria-live": "polite" });

  /** @param {number} value */
  function choose(value) {
    const right = Math.abs(value - wanted) <= within * (1 + 1e-9);
    const near = right && within ? `, at most ${within} off` : "";
    form.dataset.mark = right ? "right" : "wrong";
    why.replaceChildren(h("p", {}, right ? `Right${near}.` : `Not ${input.value}.`), ...sentence(option));
  }

  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const value = numberFrom(input.value);
    if (Number.isNaN(value)) return why.replaceChildren(h("p", {}, "Type a number, such as 12.5."));
    choose(value);
    answer(value);
  };
  const form = h(
    "form",
    { class: "option-number", onsubmit: submit },
    h("label", {}, "Your number ", input),
    h("button", { type: "submit", class: "course-button" }, "Check"),
  );
  option.before(h("div", { class: "options", role: "group", "aria-labelledby": question(option) }, form, why));
  option.classList.add("has-buttons");
  if (before !== undefined) {
    input.value = String(before);
    choose(before);
  }
}

/**
 * What shows the result of a prediction: all between it and the next outputs, code aside, and the paragraph after them.
 * @param {Element} last the prediction's last option
 */
function results(last) {
  const found = [];
  let outputs = 0;
  for (let next = last.nextElementSibling; next; next = next.nextElementSibling) {
    if (next.matches("section, details.choice, details.number") || /^Predict[.:]/.test(next.textContent?.trim() ?? ""))
      break;
    if (next.matches(".cell")) {
      const shown = [...next.querySelectorAll(".cell_output")];
      outputs += shown.length;
      found.push(...shown);
    } else {
      if (!outputs || next.matches("p")) found.push(next);
      if (outputs) break;
    }
  }
  return found;
}

/**
 * Cover results where they stand; their room is kept.
 * @param {Element[]} pieces @param {() => void} skip
 * @returns {{lift: (focus?: boolean) => void, holds: (sought: string) => boolean}}
 */
function cover(pieces, skip) {
  const show = h("button", { type: "button", class: "course-button", onclick: () => (skip(), lift(true)) }, "Show it");
  const undo = pieces.map((piece, i) => {
    const cloth = i
      ? h("div", { class: "predict-cover", "aria-hidden": "true" })
      : h(
          "div",
          { class: "predict-cover", role: "group", "aria-label": "Predict first" },
          h("span", {}, "Predict first"),
          show,
        );
    const box = piece.matches(".cell_output") ? piece : h("div");
    if (box !== piece) {
      piece.before(box);
      box.append(piece);
    }
    box.classList.add("predict-covered");
    box.append(cloth);
    return () => {
      cloth.remove();
      if (box !== piece) box.replaceWith(piece);
      else box.classList.remove("predict-covered");
    };
  });

  function lift(focus = false) {
    undo.splice(0).forEach((one) => one());
    if (!focus || !(pieces[0] instanceof HTMLElement)) return;
    pieces[0].tabIndex = -1; // the button that had the focus is gone
    pieces[0].focus({ preventScroll: true });
  }

  return { lift, holds: (sought) => pieces.some((piece) => piece.matches(sought) || piece.querySelector(sought)) };
}

/** @param {HTMLDetailsElement[]} options @param {boolean} covered @returns what lifts the cover for a reader who seeks what it hides */
function enhance(options, covered) {
  const key = options[0].dataset.key ?? "";
  const remembered = progress.done().predicted?.[key];
  const before = typeof remembered === "number" ? remembered : undefined;
  const keep = (/** @type {number | string} */ choice) =>
    progress.note((chapter) => ((chapter.predicted ??= {})[key] = choice));
  const pieces = remembered === undefined && covered ? results(options[options.length - 1]) : [];
  const { lift, holds } = pieces.length
    ? cover(pieces, () => keep(progress.SKIPPED))
    : { lift: () => {}, holds: () => false };
  const answer = (/** @type {number} */ choice) => {
    keep(choice);
    lift();
  };
  if (options[0].matches(".number")) asField(options[0], before, answer);
  else {
    const group = asButtons(options, before, answer);
    if (options[0].dataset.area) import("./places.js").then(({ onPhotograph }) => onPhotograph(options, group));
  }
  return (/** @type {string} */ sought) => holds(sought) && lift();
}

/** Whether the page was opened at a piece of text that a link or a search engine names. */
const atText = () => performance.getEntriesByType("navigation")[0]?.name.includes(":~:text=");

/** @param {NodeListOf<HTMLDetailsElement>} all the options of a page's predictions */
export function start(all) {
  const groups = grouped(all);
  const covered = !progress.load().uncovered && !atText();
  progress.note((chapter) => (chapter.asked = groups.length));
  const seek = groups.map((options) => enhance(options, covered));
  const reveal = () => {
    const sought = location.hash ? `#${CSS.escape(decodeURIComponent(location.hash.slice(1)))}` : ":not(*)";
    seek.forEach((one) => one(`${sought}, .highlighted`));
  };
  reveal();
  addEventListener("load", reveal); // the search's words are marked by then
  addEventListener("hashchange", reveal);
}
