// Runs on every page: brings the figures to life that the page holds, when they come near the screen.

/** @type {Record<string, () => Promise<{mount: (element: HTMLElement) => unknown}>>} */
const FIGURES = {
  "color-your-own": () => import("./color-your-own.js"),
  compare: () => import("./compare.js"),
  "watch-it-learn": () => import("./watch-it-learn.js"),
  "pixel-inspector": () => import("./pixel-inspector.js"),
  convolution: () => import("./convolution.js"),
  upsampling: () => import("./upsampling.js"),
  "loss-explorer": () => import("./loss-explorer.js"),
  turing: () => import("./turing.js"),
};

/** @param {HTMLElement} element */
async function mount(element) {
  const name = element.dataset.figure ?? "";
  try {
    const figure = await FIGURES[name]();
    await figure.mount(element);
    element.dataset.alive = "true";
  } catch (error) {
    console.error(`The figure '${name}' stays as it was printed.`, error);
  }
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

/** @type {HTMLElement} */ for (const table of document.querySelectorAll("table.strip"))
  table.setAttribute("data-figure", "compare");
for (const element of document.querySelectorAll("[data-figure]")) near.observe(element);
