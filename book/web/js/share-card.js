// Pictures to send to a friend, drawn on the device: a photograph before and after, and the result of a Turing test.

import { download, h } from "./dom.js";

const [WIDTH, MOST_HEIGHT, BAR] = [1200, 1500, 150]; // pixels; the bar below holds words
const [GROUND, INK, ACCENT] = ["#161514", "#ffffff", "#f3a873"];
const FONT = "system-ui, sans-serif";

/** Where the course is published. */
function address() {
  const page = document.querySelector("link[rel=canonical]")?.getAttribute("href") ?? location.href;
  return new URL("..", page).href.replace(/^https?:\/\//, "").replace(/\/$/, "");
}

/** @param {number} width @param {number} height */
function surface(width, height) {
  const canvas = h("canvas", { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = GROUND;
  context.fillRect(0, 0, width, height);
  /** @param {string} text @param {number} y @param {number} size @param {string} color */
  const write = (text, y, size, color) => {
    context.font = `600 ${size}px ${FONT}`;
    context.fillStyle = color;
    context.fillText(text, 40, y, width - 80);
  };
  return { canvas, context, write };
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
function png(canvas) {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The card could not be made.")))),
  );
}

/** A photograph, its left half gray and its right half colored. @param {HTMLImageElement} gray @param {HTMLImageElement} colored */
export function photographCard(gray, colored) {
  const { naturalWidth: across, naturalHeight: down } = colored;
  const scale = Math.min(WIDTH / across, MOST_HEIGHT / down);
  const [width, height] = [Math.round(across * scale), Math.round(down * scale)];
  const { canvas, context, write } = surface(WIDTH, height + BAR);
  const left = Math.round((WIDTH - width) / 2);
  context.imageSmoothingQuality = "high";
  context.drawImage(colored, left, 0, width, height);
  context.drawImage(gray, 0, 0, across / 2, down, left, 0, width / 2, height);
  write("Colored by a neural network, in the browser", height + 64, 44, INK);
  write(address(), height + 118, 32, ACCENT);
  return png(canvas);
}

/** How often a viewer was fooled, with a square for each pair. @param {number} fooled @param {number} pairs */
export function resultCard(fooled, pairs) {
  const { canvas, context, write } = surface(WIDTH, 630);
  const colors = context.createLinearGradient(40, 0, WIDTH - 40, 0);
  const spectrum = getComputedStyle(document.documentElement).getPropertyValue("--spectrum").split(","); // of look.css
  spectrum.forEach((color, i) => colors.addColorStop(i / (spectrum.length - 1), color.trim()));
  context.fillStyle = colors;
  context.fillRect(40, 48, WIDTH - 80, 12);
  write(`It fooled me in ${fooled} of ${pairs}`, 190, 96, INK);
  write("Which photograph did a neural network color? Can it fool you?", 275, 34, INK);
  const step = Math.min(90, (WIDTH - 80) / pairs);
  for (let i = 0; i < pairs; i++) {
    context.fillStyle = i < fooled ? ACCENT : "#57524d";
    context.fillRect(40 + i * step, 350, 0.8 * step, 0.8 * step);
  }
  write("The color Turing test", 520, 40, INK);
  write(address(), 575, 32, ACCENT);
  return png(canvas);
}

/** Hand a card to the device's way to share, or save it where there is none. @param {Blob} card @param {string} name @param {string} text */
export async function send(card, name, text) {
  const files = [new File([card], name, { type: card.type })];
  if (!navigator.canShare?.({ files })) return download(card, name);
  await navigator.share({ files, text }).catch((error) => {
    if (error.name !== "AbortError") download(card, name); // else the reader has thought better of it
  });
}
