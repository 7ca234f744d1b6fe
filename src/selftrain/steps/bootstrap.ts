/**
 * 95 % bootstrap interval of a mean (percentile method): the values are drawn again with replacement `resamples` times.
 * @returns [lower, upper]; both the mean where there are fewer than two values
 */
export function bootstrapMean(values: readonly number[], resamples: number, random: () => number): [number, number] {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, count);
  if (count < 2) return [mean, mean];
  const means = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let draw = 0; draw < count; draw += 1) sum += values[Math.floor(random() * count)] ?? 0;
    return sum / count;
  }).sort();
  return [quantile(means, 0.025), quantile(means, 0.975)];
}

/** Between two neighbours in proportion. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}
