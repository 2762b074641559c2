// Where an arrow key leads what is moved in two directions: a crosshair, a color in its plane, a hint.

const FAR = 10; // with Shift
/** To the right, down. @type {Record<string, [number, number]>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Steps to the right and down that a key asks for, which then does nothing else; none for another key.
 * @param {KeyboardEvent} event
 * @returns {[number, number] | undefined}
 */
export function arrowStep(event) {
  const by = STEPS[event.key];
  if (!by) return undefined;
  event.preventDefault();
  const far = event.shiftKey ? FAR : 1;
  return [by[0] * far, by[1] * far];
}
