// A chapter's quiz: options answer at once, the answers are counted, and it can be taken again.

import { h } from "./dom.js";
import { asButtons, grouped } from "./predict.js";
import * as progress from "./progress.js";

/** @param {HTMLElement} quiz */
export function start(quiz) {
  const questions = grouped(quiz.querySelectorAll("details.choice"));
  const count = h("p", { role: "status" });
  const again = h("button", { type: "button", class: "course-button", onclick: () => begin(true) }, "Again");
  /** @type {HTMLElement[]} */
  let groups = [];
  /** @type {Map<number, boolean>} */
  const answers = new Map();
  quiz.append(h("div", { class: "quiz-end" }, count, again));

  function tell() {
    const right = [...answers.values()].filter(Boolean).length;
    const last = progress.done().quiz;
    again.hidden = !answers.size;
    if (answers.size === questions.length) count.textContent = `${right} of ${questions.length} right.`;
    else if (answers.size) count.textContent = `${answers.size} of ${questions.length} answered.`;
    else count.textContent = last ? `Last time: ${last[0]} of ${last[1]} right.` : "";
  }

  /** @param {number} i @param {boolean} right */
  function answer(i, right) {
    answers.set(i, right);
    if (answers.size === questions.length)
      progress.note((chapter) => (chapter.quiz = [[...answers.values()].filter(Boolean).length, questions.length]));
    tell();
  }

  function begin(focus = false) {
    answers.clear();
    groups.forEach((group) => group.remove());
    groups = questions.map((options, i) => asButtons(options, undefined, (_, right) => answer(i, right)));
    tell();
    if (focus) groups[0].querySelector("button")?.focus();
  }
  begin();
}
