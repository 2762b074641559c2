// Two colors and their odds: the best answer under three losses (chapter 09). colorize_lib/figures/arithmetic.py computes the same.

import { cssColor, labToRgb } from "./color.js";
import { h, options, slider, svg } from "./dom.js";
import { number } from "./stepping.js";

/** @typedef {[number, number]} Pair Two numbers: a and b, or the lowest and the highest of the best places. */
/**
 * @typedef {{green: Pair, blue: Pair, L: number, scale: number, temperature: number, said: Record<string, string>,
 *   tops: Record<string, number>}} World `said`: sentences with {gaps}, from figures/html.py, which says the same on paper
 */
/** @typedef {{title: string, cost: (place: number) => number, best: Pair, ground: string, said: string}} Answer */

/**
 * Where the best answers lie, from 0, blue, to 1, green: the lowest and the highest place.
 * @param {number} odds of green @param {number} temperature of the annealed mean
 * @returns {{L2: Pair, L1: Pair, annealed: Pair}}
 */
export function onTheLine(odds, temperature) {
  /** @type {Pair} */
  const median = odds > 0.5 ? [1, 1] : odds < 0.5 ? [0, 0] : [0, 1];
  const [one, other] = [odds ** (1 / temperature), (1 - odds) ** (1 / temperature)];
  const annealed = one / (one + other);
  return { L2: [odds, odds], L1: median, annealed: [annealed, annealed] };
}

/**
 * What the answer at a place costs under L2 and L1, and what giving green that probability costs.
 * @param {number} odds @param {number} place @param {Pair} green @param {Pair} blue
 */
export function costs(odds, place, green, blue) {
  const apart = [green[0] - blue[0], green[1] - blue[1]];
  const square = (apart[0] ** 2 + apart[1] ** 2) / 2;
  const absolute = (Math.abs(apart[0]) + Math.abs(apart[1])) / 2;
  const given = Math.min(Math.max(place, 1e-9), 1 - 1e-9);
  return {
    L2: square * (odds * (1 - place) ** 2 + (1 - odds) * place ** 2),
    L1: absolute * (odds * (1 - place) + (1 - odds) * place),
    Classification: -odds * Math.log(given) - (1 - odds) * Math.log(1 - given),
  };
}

/** a and b at a place between the two colors. @param {World} world @param {number} place @returns {Pair} */
function between({ green, blue }, place) {
  return [blue[0] + place * (green[0] - blue[0]), blue[1] + place * (green[1] - blue[1])];
}

/** @param {World} world @param {number} place */
function css(world, place) {
  const [a, b] = between(world, place);
  return cssColor(labToRgb([world.L, world.scale * a, world.scale * b]));
}

/** A sentence with its {gaps} filled. @param {string} sentence @param {Record<string, string | number>} words */
function filled(sentence, words) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(words[name]));
}

/** A patch of color above its name. @param {string} background @param {...(Node | string)} label */
function patch(background, ...label) {
  const even = h("div", { class: "patch", style: `background: ${background}` });
  return h("figure", {}, even, h("figcaption", {}, ...label));
}

/**
 * The cost of every answer from blue to green as a curve over the colors themselves, with the least cost marked.
 * @param {World} world @param {Answer} answer
 */
function curve(world, { title, cost, best }) {
  const places = Array.from({ length: 61 }, (_, i) => i / 60);
  /** @param {number} place */
  const x = (place) => 10 + 180 * place;
  /** @param {number} place */
  const y = (place) => 104 - (94 * cost(place)) / world.tops[title]; // beyond the frame it is cut
  const points = places.map((place) => `${x(place).toFixed(1)},${y(place).toFixed(1)}`).join(" ");
  const ground = places
    .slice(0, -1)
    .map((place) => svg("rect", { x: x(place), y: 112, width: 3.5, height: 14, fill: css(world, place + 1 / 120) }));
  const sentence = world.said[best[0] === best[1] ? "curve" : "curve, flat"];
  const label = filled(sentence, { title, place: number(best[0]) });
  return svg(
    "svg",
    { viewBox: "0 0 200 128", class: "curve", role: "img", "aria-label": label },
    svg("polyline", { points, class: "cost" }),
    ...ground,
    svg("line", { x1: x(best[0]), x2: x(best[1]), y1: y(best[0]), y2: y(best[1]), class: "best" }),
    ...best.map((place) => svg("circle", { cx: x(place), cy: y(place), r: 5.5, class: "least" })),
  );
}

/** The three answers for some odds. @param {World} world @param {number} odds @returns {Answer[]} */
function answers(world, odds) {
  const best = onTheLine(odds, world.temperature);
  const tie = best.L1[0] !== best.L1[1];
  const [a, b] = between(world, odds);
  const words = {
    a: number(a),
    b: number(b),
    chroma: (world.scale * Math.hypot(a, b)).toFixed(1),
    winner: best.L1[0] ? "green" : "blue",
  };
  const line = Array.from({ length: 13 }, (_, i) => css(world, i / 12)).join(", ");
  const split = `${(100 * (1 - odds)).toFixed(0)}%`;
  const grounds = {
    L2: css(world, odds),
    L1: tie ? `linear-gradient(to right, ${line})` : css(world, best.L1[0]),
    Classification: `linear-gradient(to right, ${css(world, 0)} ${split}, ${css(world, 1)} ${split})`,
  };
  return /** @type {const} */ (["L2", "L1", "Classification"]).map((title) => ({
    title,
    cost: (place) => costs(odds, place, world.green, world.blue)[title],
    best: title === "L1" ? best.L1 : best.L2,
    ground: grounds[title],
    said: filled(world.said[tie && title !== "L2" ? `${title}, even odds` : title], words),
  }));
}

/** @param {HTMLElement} element */
export function mount(element) {
  /** @type {World} */
  const world = options(element);
  const panels = h("div", { class: "panels", tabindex: "0", role: "group", "aria-label": "What each loss answers" });
  const said = h("p", { role: "status", class: "visually-hidden" });
  /** @param {number} odds */
  const show = (odds) => {
    const all = answers(world, odds);
    const annealed = onTheLine(odds, world.temperature).annealed[0];
    panels.replaceChildren(
      ...all.map((answer) =>
        h("div", {}, h("strong", {}, answer.title), curve(world, answer), patch(answer.ground, answer.said)),
      ),
    );
    panels.lastElementChild?.append(
      patch(css(world, annealed), filled(world.said.annealed, { temperature: world.temperature })),
    );
    said.textContent = all.map((answer) => `${answer.title}: ${answer.said}.`).join(" ");
  };
  const odds = slider({
    label: "Odds of green",
    min: 0,
    max: 1,
    step: 0.01,
    value: 0.7,
    format: (value) => value.toFixed(2),
    oninput: show,
  });
  const cars = h("div", { class: "cars" }, patch(css(world, 1), "green car"), patch(css(world, 0), "blue car"));
  element.replaceChildren(h("p", {}, world.said.question), cars, odds, panels, said);
  show(0.7);
}
