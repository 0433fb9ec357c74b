// Where the scatter draws a strategy, and which strategies a rectangle on it stands for. Pure.
import type { BoardPoint, Range } from '../../api-results.ts';

/** px, at least. */
export const HEIGHT_LEAST = 268;
export const EDGE = { left: 42, right: 10, top: 12, bottom: 30 };
/** Of the returns, at each end: what lies beyond is drawn at the edge. */
const OUTLIERS = 0.01;

interface Axis {
  from: number;
  to: number;
}

export interface Plot {
  x: (value: number) => number;
  y: (value: number) => number;
  inside: Axis;
  outside: Axis;
  width: number;
  height: number;
}

function axisOf(values: readonly number[]): Axis {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const from = Math.min(0, at(OUTLIERS));
  const to = Math.max(0.01, at(1 - OUTLIERS));
  const pad = (to - from) * 0.06;
  return { from: from - pad, to: to + pad };
}

export function plotOf(points: readonly BoardPoint[], width: number, height: number): Plot {
  const inside = axisOf(points.map((point) => point.inSample));
  const outside = axisOf(points.map((point) => point.outOfSample));
  const clamp = (value: number, { from, to }: Axis): number => Math.min(to, Math.max(from, value));
  return {
    inside,
    outside,
    width,
    height,
    x: (value) =>
      EDGE.left + ((width - EDGE.left - EDGE.right) * (clamp(value, inside) - inside.from)) / (inside.to - inside.from),
    y: (value) =>
      height -
      EDGE.bottom -
      ((height - EDGE.top - EDGE.bottom) * (clamp(value, outside) - outside.from)) / (outside.to - outside.from),
  };
}

/** Of a drawing, px. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Ranges {
  inSample: Range;
  outOfSample: Range;
}

/** As many digits as a pixel is worth. */
function rounded(value: number, { from, to }: Axis): number {
  const digits = Math.min(6, Math.max(0, Math.ceil(2.5 - Math.log10(to - from))));
  return Number(value.toFixed(digits));
}

/** An end at the edge of the plot is none: what lies beyond it is drawn there. */
function rangeOf(axis: Axis, least: number, most: number): Range {
  const at = (share: number): number => rounded(axis.from + share * (axis.to - axis.from), axis);
  return { least: least <= 0 ? undefined : at(least), most: most >= 1 ? undefined : at(most) };
}

export function rangesOf({ inside, outside, width, height }: Plot, { left, right, top, bottom }: Box): Ranges {
  const across = (x: number): number => (x - EDGE.left) / (width - EDGE.left - EDGE.right);
  const up = (y: number): number => (height - EDGE.bottom - y) / (height - EDGE.top - EDGE.bottom);
  return {
    inSample: rangeOf(inside, across(left), across(right)),
    outOfSample: rangeOf(outside, up(bottom), up(top)),
  };
}

export function boxOf({ x, y, inside, outside }: Plot, { inSample, outOfSample }: Ranges): Box {
  return {
    left: x(inSample.least ?? inside.from),
    right: x(inSample.most ?? inside.to),
    top: y(outOfSample.most ?? outside.to),
    bottom: y(outOfSample.least ?? outside.from),
  };
}
