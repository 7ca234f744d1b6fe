import { formatRate } from "./text.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 190;
const EDGE = { top: 12, right: 10, bottom: 24, left: 46 };

/**
 * Draws rates over the last minute into an <svg>, again whenever its width changes.
 * @param {SVGSVGElement} svg
 */
export function createChart(svg) {
  /** @type {{ samples: readonly number[], runs: readonly number[] }} */
  let rates = { samples: [], runs: [] };
  const draw = () => {
    const width = Math.max(240, svg.clientWidth);
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const top = roundUp(Math.max(1, ...rates.samples, ...rates.runs));
    const right = width - EDGE.right;
    const base = HEIGHT - EDGE.bottom;
    /** @param {number} value */
    const y = (value) => base - (value / top) * (base - EDGE.top);
    /** @param {readonly number[]} values */
    const line = (values) =>
      values.map((value, index) => {
        const x = EDGE.left + ((right - EDGE.left) * index) / Math.max(1, values.length - 1);
        return `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y(value).toFixed(1)}`;
      });
    const samples = line(rates.samples).join("");
    svg.replaceChildren(
      ...[0, top / 2, top].flatMap((value) => [
        shape("line", { class: "grid", x1: EDGE.left, x2: right, y1: y(value), y2: y(value) }),
        label(formatRate(value), { x: EDGE.left - 8, y: y(value) + 4, "text-anchor": "end" }),
      ]),
      label("60 s ago", { x: EDGE.left, y: HEIGHT - 6 }),
      label("now", { x: right, y: HEIGHT - 6, "text-anchor": "end" }),
      shape("path", { class: "area", d: samples === "" ? "" : `${samples}L${right} ${base}L${EDGE.left} ${base}Z` }),
      shape("path", { class: "line samples", d: samples }),
      shape("path", { class: "line runs", d: line(rates.runs).join("") }),
    );
  };
  new ResizeObserver(draw).observe(svg);
  return {
    /** @param {{ samples: readonly number[], runs: readonly number[] }} next a number for each second, the newest last */
    show(next) {
      rates = next;
      draw();
    },
  };
}

/** The next of 1, 2, 4, 10, 20, 40, 100 …, so that half of it is a round number as well. @param {number} value */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 4].find((step) => step * power >= value) ?? 10);
}

/** @param {string} name @param {Readonly<Record<string, string | number>>} attributes */
function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** @param {string} text @param {Readonly<Record<string, string | number>>} attributes */
function label(text, attributes) {
  const element = shape("text", attributes);
  element.textContent = text;
  return element;
}
