/** How numbers and texts are shown. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** @param {number} value */
export function formatCount(value) {
  return whole.format(value);
}

/** With one decimal place below 10, where it says something. @param {number} value */
export function formatRate(value) {
  return value > 0 && value < 9.95 ? tenths.format(value) : whole.format(value);
}

/** @param {number | null} ms milliseconds; null: there is nothing to say */
export function formatMs(ms) {
  if (ms === null) return "–";
  if (ms < 9.95) return `${tenths.format(ms)} ms`;
  return ms < 1000 ? `${whole.format(ms)} ms` : `${tenths.format(ms / 1000)} s`;
}

/** @param {number} part @param {number} total */
export function formatShare(part, total) {
  return total === 0 ? "–" : `${tenths.format((100 * part) / total)} %`;
}

/** @param {number} kb KiB */
export function formatMemory(kb) {
  return `${tenths.format(kb / 1024)} MiB`;
}

/** @param {number} at milliseconds since 1970 */
export function formatTime(at) {
  return new Date(at).toLocaleTimeString("en-GB");
}

/** `wrong_answer` as people write it. @param {string} name */
export function formatVerdict(name) {
  return name.replaceAll("_", " ");
}

const MOST_SHOWN = 20_000;
/** Control characters but tab and line end, and those that turn the direction of text, hide, or look like nothing. */
// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * A text that somebody else wrote, such that all of it can be seen and none of it does anything: what is invisible is
 * written as its code, and what is too long to read is cut.
 * @param {string} text
 */
export function showText(text, most = MOST_SHOWN) {
  const shown = text.slice(0, most).replace(/\r\n/g, "\n").replace(UNSEEN, nameCharacter);
  const rest = text.length - most;
  return rest > 0 ? `${shown}\n… and ${formatCount(rest)} characters more` : shown;
}

/** @param {string} character */
function nameCharacter(character) {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return `\\u${code.toString(16).padStart(4, "0")}`;
}
