import { find, make, makeDot } from "./dom.js";
import { formatTime, formatVerdict, showText } from "./text.js";

/** @typedef {import("./types.js").Failure} Failure */

const SUMMARY_LENGTH = 120;

/** The list of the last failures. What is in the list already stays as it is, so that what is open stays open. */
export function createFailures() {
  const list = find("failures", HTMLElement);
  /** @type {Map<string, HTMLElement>} */
  let shown = new Map();
  return {
    /** @param {readonly Failure[]} failures the newest first */
    show(failures) {
      const next = new Map(failures.map((failure, index) => [keyOf(failure, index, failures), failure]));
      const items = [...next].map(([key, failure]) => /** @type {const} */ ([key, shown.get(key) ?? row(failure)]));
      shown = new Map(items);
      find("no-failures", HTMLElement).hidden = shown.size > 0;
      list.replaceChildren(...shown.values());
    },
  };
}

/** Equal ones in the same millisecond are told apart by how many there are of them.
 * @param {Failure} failure
 * @param {number} index
 * @param {readonly Failure[]} all
 */
function keyOf(failure, index, all) {
  const text = JSON.stringify(failure);
  const same = all.slice(index + 1).filter((other) => other.at === failure.at && JSON.stringify(other) === text).length;
  return `${same} ${text}`;
}

/** @param {Failure} failure */
function row({ at, kind, task_id, client, outcome, detail }) {
  const subject = kind === "run" ? "a run" : task_id;
  const first = detail.trim().split("\n").at(-1) ?? "";
  const summary = make(
    "summary",
    "",
    make("time", "number", formatTime(at)),
    make("span", "verdict", makeDot(outcome), formatVerdict(outcome)),
    make("span", "subject", showText(subject, 60)),
    make("span", "foreign line soft", showText(first, SUMMARY_LENGTH).replaceAll("\n", " ")),
  );
  const body = make("div", "", make("p", "soft", "asked for by ", make("span", "foreign", showText(client, 64))));
  body.append(detail === "" ? make("p", "soft", "Nothing more is known.") : make("pre", "foreign", showText(detail)));
  return make("li", "", make("details", "", summary, body));
}
