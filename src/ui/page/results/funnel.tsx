// How few of what was tried is left, step by step.
import type { VNode } from 'preact';
import type { FunnelStep, LandscapeView } from '../../api-results.ts';
import { count, short } from '../format.ts';
import { BlockBar, Notice, Panel } from '../parts.tsx';
import { resultsWords } from './words.ts';

/** Bars grow with the logarithm: a million tries and ten keepers are both to be seen. */
const lengthOf = (n: number | null): number => (n === null ? 0 : Math.log10(n + 1));

interface Step {
  text: string;
  /** Null where it is not known. */
  n: number | null;
  /** What it counts, where that is not all of the step before. */
  note?: string | undefined;
}

/** What the verdicts say; of strategies that all wait for an answer nothing is known. */
function judgedStep(text: string, step: FunnelStep | null, note?: string): Step {
  if (step === null) return { text, n: null, note };
  const { hold, open } = step;
  const waiting = open === 0 ? undefined : resultsWords.value.openSteps(count(open));
  const notes = [note, waiting].filter((each) => each !== undefined);
  return { text, n: hold === 0 && open > 0 ? null : hold, note: notes.length === 0 ? undefined : notes.join('; ') };
}

function stepsOf(funnel: LandscapeView['funnel']): Step[] {
  const w = resultsWords.value;
  const { validated, judged } = funnel;
  const note = judged < validated ? w.judgedOf(count(judged), count(validated)) : undefined;
  return [
    { text: w.tried, n: funnel.tried },
    { text: w.kept, n: funnel.kept },
    { text: w.gainOut, n: funnel.outOfSample },
    { text: w.gainHoldout, n: funnel.holdout },
    { text: w.agreed, n: validated },
    judgedStep(w.passCosts, funnel.costs, note),
    judgedStep(w.passLuck, funnel.luck),
    judgedStep(w.passNeighbours, funnel.neighbours),
  ];
}

export function Funnel({ landscape }: { landscape: LandscapeView }): VNode {
  const w = resultsWords.value;
  const { funnel } = landscape;
  const steps = stepsOf(funnel);
  const most = Math.max(...steps.map(({ n }) => lengthOf(n)), 1);
  return (
    <Panel id="funnel" title={w.funnelTitle}>
      <ol class="funnel live-numbers">
        {steps.map(({ text, n, note }, i) => (
          <li key={text} class={i === 0 ? 'tried' : ''}>
            <span class="pair">
              <span>
                {text}
                {note === undefined ? null : <span class="sub">{note}</span>}
              </span>
              <strong>{count(n)}</strong>
            </span>
            {n === null ? null : <BlockBar label={text} value={lengthOf(n)} of={most} />}
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
