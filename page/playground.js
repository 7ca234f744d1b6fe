import { find, setText } from "./dom.js";
import { buildRequest, EXAMPLES } from "./request.js";
import { showAnswer, showProblem } from "./result.js";
import { credentials } from "./token.js";

/** How long an answer is waited for, milliseconds: the service's own deadline, and a little for the way. */
const DEADLINE_MS = 60_000;
const PATIENCE_MS = 65_000;

/** The playground: code in, verdict out. @param {{ onUnauthorized: () => void }} listeners */
export function createPlayground({ onUnauthorized }) {
  const form = find("playground", HTMLFormElement);
  const result = find("result", HTMLElement);
  const button = find("submit", HTMLButtonElement);
  const fields = {
    language: find("language", HTMLSelectElement),
    code: find("code", HTMLTextAreaElement),
    stdin: find("stdin", HTMLTextAreaElement),
    expected: find("expected", HTMLTextAreaElement),
    checks: find("checks", HTMLTextAreaElement),
  };
  const kind = () => (find("kind-function", HTMLInputElement).checked ? "function" : "program");

  const showFields = () => {
    for (const part of form.querySelectorAll("[data-for]")) {
      if (part instanceof HTMLElement) part.hidden = part.dataset["for"] !== kind();
    }
    // An example gives way to an example only, never to what somebody wrote.
    if (Object.values(EXAMPLES).some(({ code }) => code === fields.code.value) || fields.code.value.trim() === "") {
      for (const [name, text] of Object.entries(EXAMPLES[kind()])) fields[/** @type {"code"} */ (name)].value = text;
    }
  };

  /** @type {AbortController | null} */
  let asking = null;
  const ask = async () => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort("late"), PATIENCE_MS);
    asking = stop;
    setText(button, "Stop");
    result.replaceChildren("Waiting for the verdict …");
    try {
      const { path, body } = buildRequest(kind(), {
        ...{ language: fields.language.value, code: fields.code.value, checks: fields.checks.value },
        ...{ stdin: fields.stdin.value, expected: fields.expected.value },
      });
      const answer = await post(path, body, stop.signal);
      if (answer.status === 401) onUnauthorized();
      showAnswer(result, /** @type {import("./types.js").Answer} */ (await answer.json()), answer);
    } catch {
      const why = stop.signal.reason === "stopped" ? "Stopped." : "No answer came: the service cannot be reached.";
      showProblem(result, stop.signal.reason === "late" ? "No answer came within a minute." : why);
    } finally {
      clearTimeout(timer);
      asking = null;
      setText(button, "Run");
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (asking === null) void ask();
    else asking.abort("stopped");
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || asking !== null) return;
    event.preventDefault();
    void ask();
  });
  for (const choice of [find("kind-program", HTMLInputElement), find("kind-function", HTMLInputElement)]) {
    choice.addEventListener("change", showFields);
  }
  showFields();
  return {
    /** @param {readonly { id: string, name: string }[]} languages */
    offer(languages) {
      const before = fields.language.value || "python";
      fields.language.replaceChildren(...languages.map(({ id, name }) => new Option(name, id, false, id === before)));
      find("languages", HTMLElement).hidden = languages.length < 2;
    },
  };
}

/** @param {string} path @param {unknown} body @param {AbortSignal} signal */
function post(path, body, signal) {
  const base = credentials();
  const headers = {
    ...base.headers,
    "content-type": "application/json",
    "x-assay-deadline-ms": String(DEADLINE_MS),
  };
  return fetch(path, { ...base, method: "POST", headers, body: JSON.stringify(body), signal });
}
