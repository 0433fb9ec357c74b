// Lines of indicators beside the candles: their colours, and the panes that they need.
import type { IndicatorsView } from '../../api-strategy.ts';

export type Line = IndicatorsView['lines'][number];

/** Colours of lines, in their order. */
export const LINE_TONES = ['amber', 'violet', 'cyan', 'text', 'muted'] as const;

/** Scales that have a pane of their own, below the candles, in the order of the lines. */
export const panesOf = (lines: readonly Line[]): string[] => [
  ...new Set(lines.map(({ scale }) => scale).filter((scale) => scale !== 'price' && scale !== 'volume')),
];
