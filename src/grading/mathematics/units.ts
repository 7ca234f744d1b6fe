const SYNONYMS: ReadonlyMap<string, string> = new Map(
  `cm centimeter centimetre; mm millimeter millimetre; m meter metre; km kilometer kilometre; in inch inches inche;
  ft foot feet; yd yard; mi mile; kg kilogram; g gram gm; lb lbs pound; oz ounce; s sec second; min minute;
  h hr hour; day; week; month; year; dollar usd; cent; degree deg; unit; square squared sq; cubic; liter litre l;
  ml milliliter; mph; percent; rad radian; euro; way; time; people person; child children`
    .split(";")
    .flatMap((group) => {
      const [name = "", ...others] = group.trim().split(/\s+/);
      return [name, ...others].map((word) => [word, name] as const);
    }),
);
/** Words that scale the number before them, as powers of ten. */
const SCALES: ReadonlyMap<string, number> = new Map([
  ["hundred", 2],
  ["thousand", 3],
  ["million", 6],
  ["billion", 9],
  ["trillion", 12],
]);

/** Words that say more about the number before them than its unit. */
const NO_UNITS =
  /\b(?:squared|cubed|factorial|dozens?|hal(?:f|ves)|thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?|hundredths?|thousandths?|plus|minus|over|divided|multiplied|modulo|mod|root|roots|power|more|less|than|about|not|negative|one|two|three|four|five|six|seven|eight|nine|ten|zero|wrong|infinity|if|for|when|with|base)\b/i;

/** A quantity taken apart. */
export interface Quantity {
  readonly body: string;
  /** The unit in a spelling that all spellings of it share; "" where none is stated. */
  readonly unit: string;
  readonly percent: boolean;
  /** Power of ten that a word such as "million" stands for. */
  readonly scale: number;
}

/**
 * Parts a number or formula from its unit: `5\text{ cm}^2`, `12 square units`, `90^\circ`, `30\%`, `5 million`. Plain
 * words are units when they are known ones or long enough not to be a product of variables.
 */
export function partUnit(text: string): Quantity {
  const percent = /^(.*[^\s\\])\s*(?:\\?%|\\text\{\s*percent\s*\}|(?<=[\d}]\s)percent)$/s.exec(text)?.[1];
  if (percent !== undefined) return { body: percent, unit: "", percent: true, scale: 0 };
  const degrees = /^(.*?)\s*(?:\^\s*\{?\s*\\circ\s*\}?|\\degree|°)\s*$/s.exec(text)?.[1];
  // In `\sin 30^\circ` it is the angle that has degrees.
  const ofAngle = /(?:sin|cos|tan|cot|sec|csc)(?![A-Za-z])/.test(degrees ?? "");
  if (degrees !== undefined && degrees !== "" && !ofAngle)
    return { body: degrees, unit: "degree", percent: false, scale: 0 };
  const wrapped = /^(.*[^\s{^_])\s*\\text\{([^{}]+)\}(?:\^\{?(\d)\}?)?$/s.exec(text);
  if (wrapped !== null && !NO_UNITS.test(wrapped[2] ?? ""))
    return makeQuantity(wrapped[1] ?? "", wrapped[2] ?? "", wrapped[3] ?? "");
  const grouped = /^(.*\d) ?\{ ?([A-Za-z]{2,}(?: [A-Za-z]+)*) ?\}(?:\^\{?(\d)\}?)?$/s.exec(text);
  if (grouped !== null && (grouped[2] ?? "").split(" ").every(isKnown))
    return makeQuantity(grouped[1] ?? "", grouped[2] ?? "", grouped[3] ?? "");
  const plain = /^(.*[\d})])( ?)([A-Za-z]{2,}(?: [A-Za-z]+)*)(?:\^\{?(\d)\}?)?$/s.exec(text);
  if (plain !== null && !NO_UNITS.test(plain[3] ?? "")) {
    const [, body = "", space = "", words = "", power = ""] = plain;
    const isUnit = words
      .split(" ")
      .every((word) => isKnown(word) || (space === " " && /^(?=.*[aeiou])[a-z]{4,}$/i.test(word)));
    if (isUnit) return makeQuantity(body, words, power);
  }
  return { body: text, unit: "", percent: false, scale: 0 };
}

function makeQuantity(body: string, words: string, power: string): Quantity {
  const [first = "", ...rest] = words
    .trim()
    .toLowerCase()
    .split(/[\s-]+/);
  const scale = SCALES.get(first);
  const named = (scale === undefined ? [first, ...rest] : rest).map(nameUnit);
  return { body, unit: named.join(" ") + power, percent: false, scale: scale ?? 0 };
}

function nameUnit(word: string): string {
  const bare = word.replace(/[.,]+$/, "");
  const single = bare.replace(/s$/, "");
  return SYNONYMS.get(bare) ?? SYNONYMS.get(single) ?? single;
}

function isKnown(word: string): boolean {
  const lower = word.toLowerCase();
  return SYNONYMS.has(lower) || SYNONYMS.has(lower.replace(/s$/, "")) || SCALES.has(lower);
}
