/** How often a program that reads stdin is run in the benchmarks. */
export const TESTS_PER_PROGRAM = 20;

/** The middle one, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** The values `count` times over. */
export function times<T>(values: readonly T[], count: number): T[] {
  return Array.from({ length: count }, () => values).flat();
}
