// Logarithm and exponential of the allowed operations, since Math.log and Math.exp differ between machines.

/** ln 2 in two parts; the first has 32 zero bits at its end, so that its product with an exponent is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** Mantissas above it are halved, so that they lie around 1. */
const MANTISSA_MAX = 1.4;

const view = new DataView(new ArrayBuffer(8));

/** 2^k for −1022 ≤ k ≤ 1023, exact: only the exponent bits are set. */
function powerOfTwo(k: number): number {
  view.setUint32(0, (k + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}

/**
 * Natural logarithm for normal x > 0. x = m × 2^k with m in (0.7, 1.4]; ln m = 2 artanh((m − 1) / (m + 1)) as its power
 * series up to the 21st power, |argument| ≤ 0.1765, truncation below 1e-18. Error: at most 2 ulp of the result, or
 * 2e-16 near x = 1. Returns NaN for anything else.
 */
export function ln(x: number): number {
  if (!(x >= 2.2250738585072014e-308 && x < Number.POSITIVE_INFINITY)) return Number.NaN;
  view.setFloat64(0, x);
  let k = ((view.getUint32(0) >>> 20) & 0x7ff) - 1023;
  let m = x / powerOfTwo(k);
  if (m > MANTISSA_MAX) {
    m /= 2;
    k++;
  }
  const f = (m - 1) / (m + 1);
  const square = f * f;
  let series = 0;
  for (let power = 21; power >= 3; power -= 2) series = (series + 1 / power) * square;
  return k * LN2_HIGH + (2 * f + (2 * f * series + k * LN2_LOW));
}

/**
 * e^x. x = k ln 2 + r with |r| ≤ 0.3466; e^r as its Taylor series up to the 15th power, truncation below 3e-21 of it.
 * Error: at most 2 ulp. Beyond ±700 the result is infinite or 0.
 */
export function exp(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x > 700) return Number.POSITIVE_INFINITY;
  if (x < -700) return 0;
  const k = Math.floor(x / (LN2_HIGH + LN2_LOW) + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let series = 1;
  for (let power = 15; power >= 1; power--) series = 1 + (series * r) / power;
  return series * powerOfTwo(k);
}
