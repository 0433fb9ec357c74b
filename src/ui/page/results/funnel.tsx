// How few of what was tried is left, step by step.
import type { VNode } from 'preact';
import type { LandscapeView } from '../../api-results.ts';
import { count, short } from '../format.ts';
import { BlockBar, Notice, Panel } from '../parts.tsx';
import { resultsWords } from './words.ts';

/** Bars grow with the logarithm: a million tries and ten keepers are both to be seen. */
const lengthOf = (n: number | null): number => (n === null || n <= 0 ? 0 : Math.log10(n + 1));

export function Funnel({ landscape }: { landscape: LandscapeView }): VNode {
  const w = resultsWords.value;
  const { funnel } = landscape;
  const steps: [string, number | null][] = [
    [w.tried, funnel.tried],
    [w.kept, funnel.kept],
    [w.gainOut, funnel.outOfSample],
    [w.gainHoldout, funnel.holdout],
    [w.agreed, funnel.validated],
  ];
  const most = Math.max(...steps.map(([, n]) => lengthOf(n)), 1);
  return (
    <Panel id="funnel" title={w.funnelTitle}>
      <ol class="funnel live-numbers">
        {steps.map(([text, n], i) => (
          <li key={text} class={i === 0 ? 'tried' : ''}>
            <span class="pair">
              <span>{text}</span>
              <strong>{count(n)}</strong>
            </span>
            <BlockBar label={text} value={lengthOf(n)} of={most} />
          </li>
        ))}
      </ol>
      {funnel.validated === 0 && funnel.tried !== null ? (
        <Notice tone="info" icon="info">
          <strong>{w.nothing}</strong> {w.nothingText(short(funnel.tried))}
        </Notice>
      ) : null}
      <p class="legend">{w.funnelNote}</p>
    </Panel>
  );
}
