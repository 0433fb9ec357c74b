// The rules of a strategy as rows of short words, read from its file; what this page cannot read it shows as it is.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ResultView } from '../../api.ts';
import { money, plain, share } from '../format.ts';
import { Panel } from '../parts.tsx';
import { sentenceOf } from '../words/words.ts';
import { strategyWords } from './words.ts';

type Loose = Record<string, unknown>;

interface Row {
  /** A heading of its own, or the place in its list. */
  mark: string;
  text: string;
  tone?: 'accent' | 'red' | 'violet';
}

const isLoose = (value: unknown): value is Loose => typeof value === 'object' && value !== null;
const list = (value: unknown): Loose[] => (Array.isArray(value) ? value.filter(isLoose) : []);
const numeral = (value: unknown): string => (typeof value === 'number' ? plain(value) : '?');
const percent = (value: unknown): string => (typeof value === 'number' ? share(value / 100, 2) : '?');

const PARAMETERS = ['period', 'deviations', 'fast', 'slow', 'signal', 'smooth'] as const;

function operandText(operand: unknown): string {
  if (!isLoose(operand)) return '?';
  if ('value' in operand) return numeral(operand.value);
  const given = PARAMETERS.filter((name) => operand[name] !== undefined).map((name) => numeral(operand[name]));
  const called = given.length === 0 ? '' : `(${given.join(', ')})`;
  const name = 'field' in operand ? String(operand.field) : `${String(operand.indicator).toUpperCase()}${called}`;
  const output = operand.output === undefined ? '' : `.${String(operand.output)}`;
  const frame = operand.timeframe === undefined ? '' : ` ${String(operand.timeframe)}`;
  const times = operand.times === undefined ? '' : `${numeral(operand.times)} × `;
  const ago = operand.barsAgo === undefined ? '' : ` ${strategyWords.value.barsAgo(numeral(operand.barsAgo))}`;
  return `${times}${name}${output}${frame}${ago}`;
}

function conditionText({ left, op, right }: Loose): string {
  const w = strategyWords.value;
  const words: Record<string, string> = { crosses_above: w.above, crosses_below: w.below };
  return `${operandText(left)} ${words[String(op)] ?? String(op)} ${operandText(right)}`;
}

function distanceText(distance: unknown): string {
  if (!isLoose(distance)) return '?';
  return 'percent' in distance
    ? percent(distance.percent)
    : strategyWords.value.atr(numeral(distance.atr), numeral(distance.period));
}

function exitTexts(strategy: Loose): string[] {
  const w = strategyWords.value;
  const levels = [
    ['stopLoss', w.stop],
    ['takeProfit', w.target],
    ['trailing', w.trailing],
    ['breakEven', w.breakEven],
  ] as const;
  return [
    ...list(strategy.exit).map(conditionText),
    ...levels
      .filter(([key]) => strategy[key] !== undefined)
      .map(([key, text]) => `${text} ${distanceText(strategy[key])}`),
    ...(strategy.maxBars === undefined ? [] : [w.maxBars(numeral(strategy.maxBars))]),
  ];
}

function sizeText({ size, maxPositions }: Loose): string {
  const w = strategyWords.value;
  const positions = w.positions(Number(maxPositions ?? 1), numeral(maxPositions ?? 1));
  if (!isLoose(size)) return positions;
  if ('percentOfEquity' in size) return `${w.ofEquity(percent(size.percentOfEquity))}, ${positions}`;
  if ('quote' in size) return `${w.money(money(Number(size.quote)).replace('+', ''))}, ${positions}`;
  return `${w.units(numeral(size.units))}, ${positions}`;
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
