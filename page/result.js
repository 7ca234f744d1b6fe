import { make, makeDot } from "./dom.js";
import { formatMemory, formatMs, formatVerdict, showText } from "./text.js";

/** @typedef {import("./types.js").Answer} Answer */

/**
 * Shows what the service answered.
 * @param {HTMLElement} place
 * @param {Answer} answer
 * @param {Response} response
 */
export function showAnswer(place, answer, response) {
  const { error, verdict, ending } = answer;
  const outcome = verdict ?? ending;
  if (error !== undefined || outcome === undefined) {
    const where = error?.field ? ` (${error.field})` : "";
    const again = response.headers.get("retry-after");
    const message = error?.message ?? `an answer with status ${response.status}`;
    showProblem(place, `Not graded: ${message}${where}.${again === null ? "" : ` Try again in ${again} s.`}`);
    return;
  }
  place.replaceChildren(headline(answer, outcome), ...texts(answer), usage(answer));
}

/** @param {HTMLElement} place @param {string} message */
export function showProblem(place, message) {
  place.replaceChildren(make("p", "notice", showText(message, 500)));
}

/** @param {Answer} answer @param {string} outcome */
function headline({ tests, exit_code, signal, cached, extraction }, outcome) {
  const notes = [
    tests === undefined ? "" : `${tests.passed} of ${tests.total} ${tests.total === 1 ? "test" : "tests"} passed`,
    typeof exit_code === "number" ? `exit status ${exit_code}` : "",
    typeof signal === "number" ? `signal ${signal}` : "",
    extraction === undefined || extraction.rule === "solution" ? "" : `code taken by ${formatVerdict(extraction.rule)}`,
    cached === true ? "remembered from an earlier run" : "",
  ];
  return make(
    "p",
    "outcome",
    make("strong", "verdict", makeDot(outcome), formatVerdict(outcome)),
    make("span", "soft", notes.filter((note) => note !== "").join(", ")),
  );
}

/** What the program wrote, and what was wrong: text, whatever it looks like. @param {Answer} answer */
function texts({ first_failure: failure, stdout, stderr, detail }) {
  /** @type {readonly (readonly [string, string | undefined])[]} */
  const parts = [
    ["What went wrong", detail],
    ["Input", failure?.input],
    ["Expected", failure?.expected],
    ["Got", failure?.actual],
    ["Output", stdout],
    ["Error output", failure?.stderr ?? stderr],
  ];
  return parts.flatMap(([title, text]) =>
    text === undefined || text === "" ? [] : [make("h3", "", title), scrollable(title, showText(text))],
  );
}

/** Can be scrolled with the keyboard too. @param {string} title @param {string} text */
function scrollable(title, text) {
  const block = make("pre", "foreign", text);
  block.tabIndex = 0;
  block.setAttribute("role", "region");
  block.setAttribute("aria-label", title);
  return block;
}

/** @param {Answer} answer */
function usage({ usage: used }) {
  if (used === undefined) return make("span", "");
  const { cpu_ms, wall_ms, peak_memory_kb, queue_ms } = used;
  const cells = [
    ["CPU time", formatMs(cpu_ms)],
    ["elapsed", formatMs(wall_ms)],
    ["memory", formatMemory(peak_memory_kb)],
    ["waited", formatMs(queue_ms)],
  ];
  return make(
    "dl",
    "usage",
    ...cells.map(([name = "", value = ""]) => make("div", "", make("dt", "", name), make("dd", "number", value))),
  );
}
