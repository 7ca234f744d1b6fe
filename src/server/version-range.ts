type Version = readonly [number, number, number];

/**
 * Whether a version is in a range as npm writes ranges (https://github.com/npm/node-semver#ranges): `*`, `3`, `3.x`,
 * `3.10.0`, `^3.8`, `~3.11.1`, `>=3.8 <4`, `3.8 - 3.12`, and several with `||`. False for a range that is none.
 */
export function isInRange(version: string, range: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (range.length > 100) return false;
  return range.split("||").some((part) => isInAll([major, minor, patch], part.trim()));
}

function isInAll(version: Version, part: string): boolean {
  const span = /^(\S+)\s+-\s+(\S+)$/.exec(part);
  const joined = span === null ? part.replace(/([<>=~^])\s+/g, "$1") : `>=${span[1] ?? ""} <=${span[2] ?? ""}`;
  return joined.split(/\s+/).every((comparator) => isInOne(version, comparator));
}

const COMPARATOR = /^(\^|~>?|>=|<=|>|<|=)?v?(\d+|[xX*])?(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?$/;

function isInOne(version: Version, comparator: string): boolean {
  const match = COMPARATOR.exec(comparator);
  if (match === null) return false;
  const stated = match
    .slice(2, 5)
    .map((digits?: string) => (digits !== undefined && /^\d+$/.test(digits) ? Number(digits) : null));
  const unstated = stated.indexOf(null);
  const precision = unstated === -1 ? 3 : unstated;
  const low: Version = [stated[0] ?? 0, stated[1] ?? 0, stated[2] ?? 0];
  // The first version past everything that the stated digits cover: `3.10` ends before 3.11.0.
  const end = precision === 0 ? null : next(low, precision - 1);
  const isBelow = end === null || order(version, end) < 0;
  const isAbove = order(version, low) >= 0;
  switch (match[1] ?? "=") {
    case "=":
      return isAbove && isBelow;
    case ">=":
      return isAbove;
    case "<":
      return precision > 0 && !isAbove;
    case "<=":
      return isBelow;
    case ">":
      return !isBelow;
    case "^":
      return isAbove && (precision === 0 || order(version, next(low, firstToKeep(low, precision))) < 0);
    default:
      return isAbove && (precision === 0 || order(version, next(low, Math.min(precision - 1, 1))) < 0);
  }
}

/** A caret keeps the first number that is not zero. */
function firstToKeep(version: Version, precision: number): number {
  const first = version.findIndex((number) => number !== 0);
  return first === -1 || first >= precision ? precision - 1 : first;
}

/** The least version with a higher number at `place`. */
function next([major, minor, patch]: Version, place: number): Version {
  if (place === 0) return [major + 1, 0, 0];
  return place === 1 ? [major, minor + 1, 0] : [major, minor, patch + 1];
}

function order(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
