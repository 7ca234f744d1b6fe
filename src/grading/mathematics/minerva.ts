/** Replaced in this order, everywhere. */
const SUBSTITUTIONS: readonly (readonly [string, string])[] = [
  ["an ", ""],
  ["a ", ""],
  [".$", "$"],
  ["\\$", ""],
  ["\\ ", ""],
  [" ", ""],
  ["mbox", "text"],
  [",\\text{and}", ","],
  ["\\text{and}", ","],
  ["\\text{m}", "\\text{}"],
];

/** Taken out in this order, everywhere. One item is two words run together in the published list, and stays so. */
const REMOVED: readonly string[] = [
  ..."square ways integers dollars mph inches ft hours km units \\ldots sue points feet minutes digits cents".split(
    " ",
  ),
  ..."degrees cm gm pounds meters meals edges students childrentickets multiples \\text{s} \\text{.}".split(" "),
  ...["\\text{\ns}", "\\text{}^2", "\\text{}^3", "\\text{\n}", "\\text{}", "\\mathrm{th}", "^\\circ", "^{\\circ}"],
  ...["\\;", ",\\!", "{,}", '"', "\\dots"],
];

/**
 * The normal form of answers published with Minerva (Lewkowycz et al., 2022, arXiv:2206.14858, appendix D). Its steps
 * and their order are part of what published numbers mean, its oddities too.
 */
export function normaliseLikeMinerva(answer: string): string {
  let text = answer.slice(answer.lastIndexOf("=") + 1);
  for (const [before, after] of SUBSTITUTIONS) text = text.replaceAll(before, after);
  for (const word of REMOVED) text = text.replaceAll(word, "");
  text = keepFirstFormula(text)
    .replace(/\\text\{(.*?)\}/g, "$1")
    .replace(/\\textbf\{(.*?)\}/g, "$1")
    .replace(/\\overline\{(.*?)\}/g, "$1")
    .replace(/\\boxed\{(.*)\}/g, "$1")
    .replace(/frac([^{])(.)/g, "frac{$1}{$2}")
    .replace(/sqrt([^{])/g, "sqrt{$1}")
    .replaceAll("$", "");
  const digits = text.replaceAll(",", "");
  return /^\d+$/.test(digits) ? digits : text;
}

function keepFirstFormula(text: string): string {
  const open = text.indexOf("$");
  const close = open === -1 ? -1 : text.indexOf("$", open + 1);
  return close === -1 ? text : `$${text.slice(open + 1, close)}$`;
}
