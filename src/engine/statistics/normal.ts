// The normal distribution of the allowed operations.
import { exp, ln } from '../math.ts';

/** Value of a polynomial at x, its coefficients from the highest power down. */
function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}

/** 1 / √π. */
const SQRT_PI_INVERSE = 0.5641895835477563;
const SQRT_2 = Math.sqrt(2);

// Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23 (1969), tables II and
// III for 0.46875 ≤ x ≤ 4 and x > 4, and table I for erf below, with the digits of his routine CALERF (1990).
const ERF_TOP = [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694];
const ERF_BOTTOM = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const MIDDLE_TOP = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
  1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
];
const MIDDLE_BOTTOM = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
];
const FAR_TOP = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
  0.0006587491615298378,
];
const FAR_BOTTOM = [
  1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
];

/** e^(−x²/2), the square split so that its rounding is not blown up (Cody 1990). */
function bell(x: number): number {
  const head = Math.floor(x * 16) / 16;
  return exp((-head * head) / 2) * exp((-(x - head) * (x + head)) / 2);
}

/** Complementary error function of y = x / √2 ≥ 0.46875. */
function erfcFar(x: number, y: number): number {
  if (y <= 4) return (bell(x) * polynomial(MIDDLE_TOP, y)) / polynomial(MIDDLE_BOTTOM, y);
  const z = 1 / (y * y);
  const tail = (z * polynomial(FAR_TOP, z)) / polynomial(FAR_BOTTOM, z);
  return (bell(x) / y) * (SQRT_PI_INVERSE - tail);
}

/**
 * 1 − Φ(x): the probability that a standard normal variable exceeds x. Relative error at most 2e-15 for x ≤ 37; beyond, where
 * it is below 6e-300, 0. NaN for NaN.
 */
export function normalUpper(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const far = Math.abs(x);
  const y = far / SQRT_2;
  if (y < 0.46875) {
    const square = y * y;
    const erf = ((x / SQRT_2) * polynomial(ERF_TOP, square)) / polynomial(ERF_BOTTOM, square);
    return 0.5 - 0.5 * erf;
  }
  const tail = far > 37 ? 0 : 0.5 * erfcFar(far, y);
  return x > 0 ? tail : 1 - tail;
}

/** Φ(x), with the error of `normalUpper`. */
export const normalCdf = (x: number): number => normalUpper(-x);

// Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988), PPND16.
const CENTRE_TOP = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
  133.14166789178438, 3.3871328727963665,
];
const CENTRE_BOTTOM = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
  42.31333070160091, 1,
];
const NEAR_TOP = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const NEAR_BOTTOM = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
];
const TAIL_TOP = [
  2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
  1.7848265399172913, 5.463784911164114, 6.657904643501103,
];
const TAIL_BOTTOM = [
  2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
  0.1369298809227358, 0.599832206555888, 1,
];

/**
 * Φ⁻¹(p) for 0 < p < 1: the value that a standard normal variable stays below with probability p. Error at most 2e-15 of
 * the result, or 1e-15 near 0. −∞ for 0, ∞ for 1, NaN outside.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  const off = p - 0.5;
  if (Math.abs(off) <= 0.425) {
    const r = 0.180625 - off * off;
    return (off * polynomial(CENTRE_TOP, r)) / polynomial(CENTRE_BOTTOM, r);
  }
  const r = Math.sqrt(-ln(off < 0 ? p : 1 - p));
  const distance =
    r <= 5
      ? polynomial(NEAR_TOP, r - 1.6) / polynomial(NEAR_BOTTOM, r - 1.6)
      : polynomial(TAIL_TOP, r - 5) / polynomial(TAIL_BOTTOM, r - 5);
  return off < 0 ? -distance : distance;
}
