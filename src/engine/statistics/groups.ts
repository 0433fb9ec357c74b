// Strategies that are one and the same bet.

/** Correlation of two series of equal length (Pearson); 0 where one has no spread. */
export function correlationOf(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  let meanA = 0;
  let meanB = 0;
  for (let i = 0; i < n; i++) {
    meanA += a[i]!;
    meanB += b[i]!;
  }
  meanA /= n;
  meanB /= n;
  let squaresA = 0;
  let squaresB = 0;
  let common = 0;
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    squaresA += x * x;
    squaresB += y * y;
    common += x * y;
  }
  return squaresA > 0 && squaresB > 0 ? common / Math.sqrt(squaresA * squaresB) : 0;
}

/** Of items that did the same, the first one. `key` names what an item did. */
export function mergeDuplicates<T>(items: readonly T[], key: (item: T) => string): T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const name = key(item);
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

/**
 * The group of each series, 0-based: a series joins the first group whose first member it correlates with by `threshold` or
 * more, else it opens one (leader clustering: Hartigan 1975, "Clustering algorithms", chapter 3). The order of `returns`
 * matters, so it must be one that does not depend on who came first, such as best first with a total order.
 */
export function groupByCorrelation(returns: readonly Float64Array[], threshold: number): number[] {
  const leaders: Float64Array[] = [];
  return returns.map((row) => {
    const found = leaders.findIndex((leader) => correlationOf(leader, row) >= threshold);
    if (found >= 0) return found;
    leaders.push(row);
    return leaders.length - 1;
  });
}
