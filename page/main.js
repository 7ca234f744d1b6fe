import { find, setText } from "./dom.js";
import { createFailures } from "./failures.js";
import { follow } from "./feed.js";
import { createOverview } from "./overview.js";
import { createPlayground } from "./playground.js";
import { formatCount, formatTime, showText } from "./text.js";
import { setToken } from "./token.js";

/** @typedef {import("./types.js").ServiceFacts} ServiceFacts */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Connection} Connection */

/** @type {ReturnType<typeof createOverview> | null} */
let overview = null;
let recentSeconds = 10;
/** @type {State | null} */
let state = null;
/** @type {Connection} */
let connection = { is: "connecting" };

const failures = createFailures();
const tokenForm = find("token-form", HTMLFormElement);
const playground = createPlayground({ onUnauthorized: () => askForToken("A token is needed for this.") });
const feed = follow({
  onConnection(next) {
    connection = next;
    showConnection();
  },
  onMessage(event, data) {
    if (event === "service") showService(data);
    if (event === "failures") failures.show(data);
    if (event === "state") {
      state = data;
      overview?.show(data);
      showAlarm();
    }
  },
});

/** @param {ServiceFacts} facts */
function showService({ version, isolation, runtime, languages, recent_seconds }) {
  setText(find("facts", HTMLElement), `assay ${version} · ${showText(runtime, 60)} · isolation: ${isolation}`);
  recentSeconds = recent_seconds;
  overview ??= createOverview(recent_seconds);
  playground.offer(languages);
}

function showConnection() {
  const { is } = connection;
  document.documentElement.dataset["connection"] = is === "lost" ? "lost" : is === "live" ? "live" : "other";
  setText(find("connection", HTMLElement), is === "lost" ? "no connection" : is === "live" ? "live" : "connecting");
  if (is === "wants token") askForToken("This service wants a token.");
  else if (is === "wrong token") askForToken("The service does not know this token.");
  else if (is === "live") tokenForm.hidden = true;
  showLoss();
}

/** Counts down to the next attempt. */
function showLoss() {
  const banner = find("lost", HTMLElement);
  banner.hidden = connection.is !== "lost";
  if (connection.is !== "lost") return;
  const seconds = Math.max(0, Math.ceil((connection.retryAt - Date.now()) / 1000));
  const since = state === null ? "" : ` The numbers are those of ${formatTime(state.at)}.`;
  setText(find("lost-why", HTMLElement), `The service is lost: ${connection.why}.${since}`);
  setText(find("lost-wait", HTMLElement), seconds === 0 ? "Trying again …" : `Trying again in ${seconds} s.`);
}

/** Says so when more comes in than can be served. */
function showAlarm() {
  const banner = find("overload", HTMLElement);
  const { busy = 0, late = 0 } = state?.recent ?? {};
  banner.hidden = busy + late === 0;
  const parts = [
    busy > 0 ? `${formatCount(busy)} refused because the queue is full` : "",
    late > 0 ? `${formatCount(late)} not served before their deadline` : "",
  ];
  const said = parts.filter((part) => part !== "").join(", ");
  setText(find("overload-why", HTMLElement), `Overloaded: in the last ${recentSeconds} s ${said}.`);
}

/** @param {string} why */
function askForToken(why) {
  setText(find("token-why", HTMLElement), why);
  if (!tokenForm.hidden) return;
  tokenForm.hidden = false;
  find("token", HTMLInputElement).focus();
}

tokenForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const field = find("token", HTMLInputElement);
  setToken(field.value);
  field.value = "";
  feed.retry();
});
find("retry", HTMLButtonElement).addEventListener("click", () => feed.retry());
setInterval(showLoss, 500);
