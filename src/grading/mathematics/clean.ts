const WRAPPERS = /\\(?:textbf|textit|textrm|textsf|textnormal|mbox|hbox|mathrm|mathbf|operatorname)(?=\{)/g;
const MATRIX = /\\begin\{[a-z]*matrix\}/;

/**
 * Takes off what is only writing and layout: `$…$`, `\left`, `\boxed`, currency signs, thin spaces, a full stop at the
 * end, commas between thousands. "and" and "or" between answers become commas.
 */
export function cleanAnswer(raw: string): string {
  let text = raw.trim();
  // Backslashes that were escaped once too often; in a matrix two of them end a row.
  if (!MATRIX.test(text))
    text = text.replace(/\\\\(?=(?:frac|dfrac|sqrt|pi|infty|text)\b)/g, "\\").replace(/\\\\$/, "");
  text = text
    .replace(/^\\\((.*)\\\)$|^\\\[(.*)\\\]$/s, "$1$2")
    .replace(/^\\boxed\{(.*)\}$/s, "$1")
    // Braces that only group are not seen: `{even}` is "even".
    .replace(/^\{\s*([A-Za-z ]*)\}$/, "$1")
    .replace(/\\left(?![A-Za-z])\.?|\\right(?![A-Za-z])\.?/g, "")
    .replace(/\\\$|\$/g, "")
    .replace(/\\!|\\displaystyle(?![A-Za-z])/g, "")
    .replace(WRAPPERS, "\\text")
    .replace(/\\text\s+\{/g, "\\text{")
    .replace(/\\text\{\s*(-?[\d.,]+|[A-Z](?:,\s*[A-Z])+)\s*\}/g, "$1")
    .replace(/\{,\}/g, "")
    .replace(/,?\s*\\text\{\s*,?\s*(?:and|or)\s*\}|,?\s(?:and|or)\s/g, ",");
  text = text.replace(/(?<!\\)\\[ ,;:]|~|\s+/g, " ").trim();
  return joinThousands(text.replace(/[.;,]$/, "").trim());
}

/** `1,234` is one number where no bracket stands around it: there it could be a pair. */
function joinThousands(text: string): string {
  if (/^-?\d{1,3}(?: \d{3})+$/.test(text)) return text.replaceAll(" ", "");
  if (!/\d,\d{3}/.test(text)) return text;
  let depth = 0;
  return text.replace(/\\[{}]|[()[\]]|(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])/g, (token) => {
    if (token === "(" || token === "[" || token === "\\{") depth += 1;
    else if (token === ")" || token === "]" || token === "\\}") depth -= 1;
    else if (depth === 0) return token.replaceAll(",", "");
    return token;
  });
}

/**
 * Cuts a text at the places that `separator` matches outside all brackets and braces.
 * @returns the pieces and the separators between them; null when brackets do not pair up in number
 */
export function splitOutside(text: string, separator: RegExp): { pieces: string[]; between: string[] } | null {
  const at = new RegExp(separator.source, "y");
  const [pieces, between]: [string[], string[]] = [[], []];
  let [depth, start] = [0, 0];
  for (let index = 0; index < text.length;) {
    const two = text.slice(index, index + 2);
    if (depth === 0) {
      at.lastIndex = index;
      const found = at.exec(text)?.[0];
      if (found !== undefined && found !== "") {
        pieces.push(text.slice(start, index));
        between.push(found);
        index = start = index + found.length;
        continue;
      }
    }
    const escaped = two.startsWith("\\");
    const mark = escaped ? two : text.charAt(index);
    if (mark === "\\{" || /^[([{]$/.test(mark)) depth += 1;
    if (mark === "\\}" || /^[)\]}]$/.test(mark)) depth -= 1;
    if (depth < 0) return null;
    index += escaped ? 2 : 1;
  }
  if (depth !== 0) return null;
  pieces.push(text.slice(start));
  return { pieces, between };
}

/** The text inside `\text{…}` and the like set free, spaces made single. */
export function unwrapText(text: string): string {
  return text
    .replace(/\\text\{([^{}]*)\}/g, " $1 ")
    .replace(/\s+/g, " ")
    .trim();
}
