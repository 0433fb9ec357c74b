// The rules of a strategy as rows of short words, read from its file; what this page cannot read it shows as it is.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ResultView } from '../../api.ts';
import { Panel } from '../parts.tsx';
import { sentenceOf } from '../words/words.ts';
import { conditionText, exitTexts, isLoose, type Loose, list, sizeText } from './rule-text.ts';
import { strategyWords } from './words.ts';

interface Row {
  /** A heading of its own, or the place in its list. */
  mark: string;
  text: string;
  tone?: 'accent' | 'red' | 'violet';
}

function rowsOf(strategy: Loose): Row[] {
  const w = strategyWords.value;
  const groups = Array.isArray(strategy.entry) ? strategy.entry : [];
  const entry = groups.flatMap((group, g): Row[] => [
    {
      mark: g === 0 ? w.enter : '',
      text: g > 0 ? w.or : strategy.side === 'short' ? w.enterShort : w.enterLong,
      tone: 'accent',
    },
    ...list(group).map((condition, i) => ({ mark: String(i + 1), text: conditionText(condition) })),
  ]);
  const exits = exitTexts(strategy).map((text, i) => ({ mark: String(i + 1), text }));
  return [
    ...entry,
    { mark: w.exit, text: w.first, tone: 'red' },
    ...exits,
    { mark: w.size, text: sizeText(strategy), tone: 'violet' },
  ];
}

export function Rules({ result }: { result: ResultView }): VNode {
  const w = strategyWords.value;
  const [asJson, setAsJson] = useState(false);
  const side = (
    <button type="button" class="link" aria-pressed={asJson} onClick={() => setAsJson(!asJson)}>
      {asJson ? w.asWords : w.asJson}
    </button>
  );
  return (
    <Panel id="rules" title={w.rules} side={side}>
      {asJson || !isLoose(result.strategy) ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre class="rules-json" tabIndex={0}>
          {JSON.stringify(result.strategy, null, 2)}
        </pre>
      ) : (
        <table class="rule-rows">
          <tbody>
            {rowsOf(result.strategy).map(({ mark, text, tone }, i) => (
              <tr key={i}>
                <td class={tone ?? 'dim'}>{mark}</td>
                <td class={tone === undefined ? 'cyan' : ''}>{text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p class="sentence muted">{sentenceOf(result)}</p>
    </Panel>
  );
}
