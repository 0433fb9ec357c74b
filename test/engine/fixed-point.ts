// An exact-enough arithmetic for references: fixed point with 80 decimals on BigInt. Slow and obvious.
const ONE = 10n ** 80n;

export type Fixed = bigint;

/** The exact value of a float64. */
export function fixed(value: number): Fixed {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponent === 0 ? fraction : fraction | 0x10000000000000n;
  const power = BigInt((exponent === 0 ? 1 : exponent) - 1075);
  const magnitude = power >= 0n ? mantissa * ONE * 2n ** power : (mantissa * ONE) / 2n ** -power;
  return bits >> 63n === 1n ? -magnitude : magnitude;
}

export const multiply = (a: Fixed, b: Fixed): Fixed => (a * b) / ONE;
export const divide = (a: Fixed, b: Fixed): Fixed => (a * ONE) / b;
export const whole = (value: number): Fixed => BigInt(value) * ONE;

/** Square root by Newton's method on integers. */
export function squareRoot(value: Fixed): Fixed {
  if (value === 0n) return 0n;
  const target = value * ONE;
  let guess = 1n << BigInt(Math.ceil(target.toString(2).length / 2) + 1);
  for (;;) {
    const next = (guess + target / guess) / 2n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** Back to a float64, correct to about 15 digits relative to `scale`. */
export function toNumber(value: Fixed): number {
  const sign = value < 0n ? -1 : 1;
  const magnitude = value < 0n ? -value : value;
  const digits = magnitude.toString().padStart(81, '0');
  return sign * Number(`${digits.slice(0, -80)}.${digits.slice(-80)}`);
}
