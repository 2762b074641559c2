// A network of the reader's own in the color Turing test: checked by the worker of "Color your own photograph", which
// then colors the pictures of a test when it begins.

import { h } from "./dom.js";
import { startWorker } from "./own-keep.js";
import { opener } from "./own-ways.js";

/** @typedef {import("./turing-protocol.js").Model} Model */

const KINDS = ["real", "catch"]; // of pictures, that no network may be called
const WORKER = new URL("./photo-worker.js", import.meta.url);

export class OwnNetworks {
  /** @type {Set<string>} */
  #names = new Set();
  /** @type {Worker | undefined} */
  #worker;
  #job = 0;
  /** Resolves when what was asked before is done: the worker stops an older job for a newer one. @type {Promise<any>} */
  #before = Promise.resolve();

  /** Whether a network is the reader's own. @param {string} name */
  has = (name) => this.#names.has(name);

  /**
   * A button that takes the file of a network.
   * @param {Model[]} models those that are there; the reader's own is added
   * @param {(name: string) => void} brought
   * @param {(sentence: string) => void} say
   */
  field(models, brought, say) {
    const take = async (/** @type {File[]} */ [file]) => {
      if (!file) return;
      say(`Checking ${file.name}`);
      try {
        const taken = [...KINDS, ...models.map(({ name }) => name).filter((name) => !this.has(name))];
        const { name } = (await this.#ask({ type: "bring", file, taken })).facts;
        if (!this.has(name)) models.push({ name, label: `${name}: a network of your own` });
        this.#names.add(name);
        brought(name);
      } catch (error) {
        say(`${file.name}: ${error instanceof Error ? error.message : error}`);
      }
    };
    const [button, input] = opener("Use a network of your own", { class: "turing-button" }, take, () => {}, {
      accept: false,
    });
    return h("p", {}, button, input, " A file that colorize export-onnx wrote. It is checked first.");
  }

  /** The address of a picture as a network of the reader's own colors it. @param {string} name @param {URL} real */
  async colored(name, real) {
    const answer = await fetch(real);
    if (!answer.ok) throw new Error(`The picture ${real.pathname} could not be loaded.`);
    const { blob } = await this.#ask({ type: "color one", file: await answer.blob(), model: name });
    return URL.createObjectURL(blob);
  }

  /** Ask the worker, when it has answered everything else. @param {Record<string, unknown>} question @returns {Promise<any>} */
  #ask(question) {
    const answer = this.#before.then(() => this.#asked(question));
    this.#before = answer.catch(() => {});
    return answer;
  }

  /** @param {Record<string, unknown>} question */
  #asked(question) {
    const worker = (this.#worker ??= startWorker(WORKER));
    const job = ++this.#job;
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => {
        if (data.job !== job) return;
        if (data.type === "failed") reject(new Error(data.reason));
        if (data.type === "brought" || data.type === "saved") resolve(data);
      };
      worker.onerror = () => reject(new Error("The worker that colors photographs couldn't start in this browser."));
      worker.postMessage({ ...question, job });
    });
  }
}
