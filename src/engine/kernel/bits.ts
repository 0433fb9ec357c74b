// One bit a bar: where a condition holds.

// @ts-ignore: decorator
@inline
function above(a: usize, b: usize, ta: v128, tb: v128): v128 {
  return v128.gt<f64>(v128.mul<f64>(v128.load(a), ta), v128.mul<f64>(v128.load(b), tb));
}

// @ts-ignore: decorator
@inline
function notAbove(a: usize, b: usize, ta: v128, tb: v128): v128 {
  return v128.le<f64>(v128.mul<f64>(v128.load(a), ta), v128.mul<f64>(v128.load(b), tb));
}

/** Sixteen comparisons as sixteen bits. A constant side has the step 0: it is read again and again. */
// @ts-ignore: decorator
@inline
function sixteen(less: bool, a: usize, b: usize, sa: usize, sb: usize, ta: v128, tb: v128): u64 {
  const m0 = less ? notAbove(a, b, ta, tb) : above(a, b, ta, tb);
  const m1 = less ? notAbove(a + sa, b + sb, ta, tb) : above(a + sa, b + sb, ta, tb);
  const m2 = less ? notAbove(a + 2 * sa, b + 2 * sb, ta, tb) : above(a + 2 * sa, b + 2 * sb, ta, tb);
  const m3 = less ? notAbove(a + 3 * sa, b + 3 * sb, ta, tb) : above(a + 3 * sa, b + 3 * sb, ta, tb);
  const m4 = less ? notAbove(a + 4 * sa, b + 4 * sb, ta, tb) : above(a + 4 * sa, b + 4 * sb, ta, tb);
  const m5 = less ? notAbove(a + 5 * sa, b + 5 * sb, ta, tb) : above(a + 5 * sa, b + 5 * sb, ta, tb);
  const m6 = less ? notAbove(a + 6 * sa, b + 6 * sb, ta, tb) : above(a + 6 * sa, b + 6 * sb, ta, tb);
  const m7 = less ? notAbove(a + 7 * sa, b + 7 * sb, ta, tb) : above(a + 7 * sa, b + 7 * sb, ta, tb);
  const n0 = v128.shuffle<i32>(m0, m1, 0, 2, 4, 6);
  const n1 = v128.shuffle<i32>(m2, m3, 0, 2, 4, 6);
  const n2 = v128.shuffle<i32>(m4, m5, 0, 2, 4, 6);
  const n3 = v128.shuffle<i32>(m6, m7, 0, 2, 4, 6);
  const halves = v128.narrow<i16>(v128.narrow<i32>(n0, n1), v128.narrow<i32>(n2, n3));
  return <u64>v128.bitmask<i8>(halves);
}

// @ts-ignore: decorator
@inline
function word(less: bool, a: usize, b: usize, sa: usize, sb: usize, ta: v128, tb: v128): u64 {
  const w0 = sixteen(less, a, b, sa, sb, ta, tb);
  const w1 = sixteen(less, a + 8 * sa, b + 8 * sb, sa, sb, ta, tb);
  const w2 = sixteen(less, a + 16 * sa, b + 16 * sb, sa, sb, ta, tb);
  const w3 = sixteen(less, a + 24 * sa, b + 24 * sb, sa, sb, ta, tb);
  return w0 | (w1 << 16) | (w2 << 32) | (w3 << 48);
}

/**
 * Marks the bars [0, length) of one stretch where a × ta > b × tb, or where that comes true after a × ta ≤ b × tb when
 * `crossing`. NaN is never marked. `a` and `b` point at the values of bar 0 (already shifted by their lags) and step by
 * 16 bytes for two bars, or by 0 for a pair of equal constants; values before bar `first` do not exist.
 */
export function markAbove(
  crossing: bool,
  a: usize,
  stepA: usize,
  ta: f64,
  b: usize,
  stepB: usize,
  tb: f64,
  first: i32,
  length: i32,
  out: usize,
): void {
  const va = v128.splat<f64>(ta);
  const vb = v128.splat<f64>(tb);
  let carry: u64 = 0;
  const words = (length + 63) >> 6;
  for (let w = 0; w < words; w++) {
    const start = w << 6;
    let known: u64 = ~(<u64>0);
    if (first >= start + 64) known = 0;
    else if (first > start) known = ~(<u64>0) << (<u64>(first - start));
    if (length < start + 64) known &= ~(<u64>0) >> (<u64>(start + 64 - length));
    const oa = (<usize>w) * 32 * stepA;
    const ob = (<usize>w) * 32 * stepB;
    let bits = word(false, a + oa, b + ob, stepA, stepB, va, vb) & known;
    if (crossing) {
      const below = word(true, a + oa, b + ob, stepA, stepB, va, vb) & known;
      bits &= (below << 1) | carry;
      carry = below >> 63;
    }
    store<u64>(out + ((<usize>w) << 3), bits);
  }
}
