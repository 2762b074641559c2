// Runs on every page: brings the figures to life that the page holds, when they come near the screen.

/** @type {Record<string, () => Promise<{mount: (element: HTMLElement) => unknown}>>} */
const FIGURES = {
  "color-your-own": () => import("./color-your-own.js"),
  compare: () => import("./compare.js"),
  "code-switch": () => import("./code-switch.js"),
  hero: () => import("./hero.js"),
  layers: () => import("./layers.js"),
  "watch-it-learn": () => import("./watch-it-learn.js"),
  "pixel-inspector": () => import("./pixel-inspector.js"),
  convolution: () => import("./convolution.js"),
  upsampling: () => import("./upsampling.js"),
  "loss-explorer": () => import("./loss-explorer.js"),
  temperature: () => import("./temperature.js"),
  turing: () => import("./turing.js"),
};

/** @param {HTMLElement} element */
async function mount(element) {
  const name = element.dataset.figure ?? "";
  const printed = asPrinted(element);
  try {
    const figure = await FIGURES[name]();
    await figure.mount(element);
    if (!element.matches("table")) element.after(printed); // a table keeps its pictures
    element.dataset.alive = "true";
  } catch (error) {
    console.error(`The figure '${name}' stays as it was printed.`, error);
  }
}

/** What stood in a figure's place before: paper shows it again. @param {HTMLElement} element */
function asPrinted(element) {
  const copy = document.createElement("div");
  copy.className = "as-printed";
  copy.append(...[...element.childNodes].map((node) => node.cloneNode(true)));
  for (const picture of copy.querySelectorAll("img")) picture.loading = "eager"; // unseen ones would never load
  return copy;
}

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      mount(/** @type {HTMLElement} */ (target));
    }
  },
  { rootMargin: "400px" },
);

// A strip that a figure holds is what that figure prints; one of different photographs has nothing to compare.
for (const table of document.querySelectorAll("table.strip:not([data-compare=no], [data-figure] *)"))
  table.setAttribute("data-figure", "compare");
for (const element of document.querySelectorAll("[data-figure]")) near.observe(element);

/** What readers do on a page and what is kept of it, in their browser. */
async function follow() {
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const options = document.querySelectorAll("details:is(.choice, .number):not(.quiz *)");
  /** @type {HTMLDetailsElement | null} */
  const quiz = document.querySelector("details.quiz");
  /** @type {HTMLDetailsElement | null} */
  const place = document.querySelector("details.course-progress");
  const facts = location.pathname.includes("/exercises/")
    ? document.querySelectorAll("h2 + p:has(> em:only-child)")
    : [];
  const end = document.querySelector("#the-next-question");
  if (options.length) (await import("./predict.js")).start(options);
  if (quiz) (await import("./quiz.js")).start(quiz);
  if (!end && !facts.length && !place) return;
  const progress = await import("./progress.js");
  if (end) progress.watchEnd(end);
  if (facts.length) progress.addTicks([...facts]);
  if (place) progress.show(place, document.querySelector("img[src*=course_map]"));
}

follow();

/** @type {NodeListOf<HTMLElement>} */
const boxes = document.querySelectorAll(".cell_output > .text_html:has(table), .pst-scrollable-table-container");
if (boxes.length) import("./scrolling.js").then(({ watch }) => watch(boxes));

// Words that a search led to are marked until Esc is pressed, as Sphinx has it, and no longer than to the first click.
document.addEventListener(
  "click",
  () => {
    for (const mark of document.querySelectorAll("span.highlighted")) mark.classList.remove("highlighted");
    document.querySelector("#searchbox .highlight-link")?.remove();
  },
  { once: true },
);
