const STEPS = [1, 2, 5, 10];

/** About `n` round values between two others, 0 among them when it lies there. */
export function roundTicks(from: number, to: number, n: number): number[] {
  const rough = (to - from) / n;
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((each) => each * power >= rough) ?? 10);
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step);
  // From whole multiples, or 3 × 0.1 would become 0.30000000000000004; and never −0.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)) || 0);
}
