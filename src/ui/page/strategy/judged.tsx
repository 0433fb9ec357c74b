// What the verdict on its job says of this strategy: each gate with its figure and its limit, and what it would survive.
import type { ComponentChildren, VNode } from 'preact';
import type { ResultView } from '../../api.ts';
import type { GateView, JudgedStrategy, VerdictView } from '../../api-verdict.ts';
import { pathOf } from '../../places.ts';
import { Await } from '../fetched.tsx';
import { count, decimal, drop, gain, share, span } from '../format.ts';
import { Icon } from '../icons.tsx';
import { Notice, Panel, TableBox, TableHead } from '../parts.tsx';
import { useVerdict, VerdictBadge } from '../work/verdict.tsx';
import { Export } from './export.tsx';
import { judgedWords } from './judged-words.ts';

type Words = typeof judgedWords.value;

const YEAR_MS = 365 * 86_400_000;
const CHANCE_MIN = 0.0001;

/** Three digits that matter at least. */
function chance(p: number | null): string {
  if (p !== null && p < CHANCE_MIN) return `< ${decimal(CHANCE_MIN, 4)}`;
  return decimal(p, p !== null && p < 0.01 ? 4 : 3);
}

interface GateText {
  name: (words: Words) => string;
  figure: (value: number | null) => string;
  limit: (limit: number, words: Words) => string;
}

const atMost = (limit: number, w: Words): string => w.atMost(decimal(limit));
const shareOrMore = (limit: number, w: Words): string => w.atLeast(share(limit, 0));
const shareOf = (value: number | null): string => share(value, 0);

const GATES: Readonly<Record<string, GateText>> = {
  unseen_trades: { name: (w) => w.unseen_trades, figure: count, limit: (limit, w) => w.atLeast(count(limit)) },
  unseen_profit: {
    name: (w) => w.unseen_profit,
    figure: (value) => gain(value, 2),
    limit: (limit, w) => w.above(share(limit, 0)),
  },
  unseen_p: { name: (w) => w.unseen_p, figure: chance, limit: atMost },
  superior_ability: { name: (w) => w.superior_ability, figure: chance, limit: atMost },
  luck: { name: (w) => w.luck, figure: chance, limit: atMost },
  neighbourhood: { name: (w) => w.neighbourhood, figure: shareOf, limit: shareOrMore },
  loss_probability: {
    name: (w) => w.loss_probability,
    figure: shareOf,
    limit: (limit, w) => w.atMost(share(limit, 0)),
  },
  permutation: { name: (w) => w.permutation, figure: chance, limit: atMost },
  noise: { name: (w) => w.noise, figure: shareOf, limit: shareOrMore },
};

/** A gate that this page has no words for is shown by its code, with its bare figures. */
const bare = (code: string): GateText => ({ name: () => code, figure: (value) => decimal(value, 4), limit: String });

function Outcome({ gate }: { gate: GateView }): VNode {
  const w = judgedWords.value;
  if (gate.holds) {
    return (
      <span class="badge good">
        <Icon name="check" /> {w.holds}
      </span>
    );
  }
  return gate.figure === null ? (
    <span class="badge info">
      <Icon name="clock" /> {w.open}
    </span>
  ) : (
    <span class="badge bad">
      <Icon name="warning" /> {w.fails}
    </span>
  );
}

function Gates({ gates }: { gates: readonly GateView[] }): VNode {
  const w = judgedWords.value;
  const columns: [string, string][] = [
    [w.gate, ''],
    [w.figure, 'number'],
    [w.limit, 'number low'],
    [w.verdict, ''],
  ];
  return (
    <TableBox label={w.verdict}>
      <table class="gates">
        <TableHead columns={columns} />
        <tbody>
          {gates.map((gate) => {
            const text = GATES[gate.code] ?? bare(gate.code);
            return (
              <tr key={gate.code}>
                <th scope="row">{text.name(w)}</th>
                <td class="number strong">{text.figure(gate.figure)}</td>
                <td class="number low muted">{text.limit(gate.limit, w)}</td>
                <td>
                  <Outcome gate={gate} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableBox>
  );
}

/** What there is to say before, or instead of, the gates. */
function Without({ view }: { view: VerdictView }): VNode {
  const w = judgedWords.value;
  return (
    <div class="panel-pad">
      <Notice tone="info" icon="info">
        {view.state === 'judging' ? (
          w.judging
        ) : view.judgement === null ? (
          <span lang="en">{view.why}</span>
        ) : (
          <>
            {w.notIn}{' '}
            <a class="link" href={pathOf('work', view.job)}>
              {w.wholeJob}
            </a>
          </>
        )}
      </Notice>
    </div>
  );
}

function Robust({ strategy }: { strategy: JudgedStrategy }): VNode {
  const w = judgedWords.value;
  const { stress, neighbourhood, drawdown, minTrackYears, others } = strategy;
  const survives = (name: string, value: number): [string, ComponentChildren] => [
    name,
    <span key={name} class="pair">
      <strong class={value > 0 ? 'accent' : 'red'}>{gain(value)}</strong>
      <span class={`badge ${value > 0 ? 'good' : 'bad'}`}>{value > 0 ? w.holds : w.fails}</span>
    </span>,
  ];
  const rows: [string, ComponentChildren][] = [
    survives(w.once, stress.once),
    survives(w.twice, stress.twice),
    survives(w.thrice, stress.thrice),
    survives(w.late, stress.late),
    [
      w.neighbours(count(neighbourhood.neighbours)),
      w.neighboursText(share(neighbourhood.profitable, 0), decimal(neighbourhood.medianSharpe)),
    ],
    [
      w.shuffles(count(drawdown.shuffles)),
      w.shufflesText(drop(drawdown.median), drop(drawdown.oneIn20), drop(drawdown.oneIn100)),
    ],
    [w.track, minTrackYears === null ? w.never : span(minTrackYears * YEAR_MS)],
    ...others.map((other): [string, ComponentChildren] => [
      `${w.otherMarkets}: ${other.symbol}`,
      <strong key={other.dataset} class={other.return > 0 ? 'accent' : 'red'}>
        {gain(other.return)}
      </strong>,
    ]),
  ];
  return (
    <Panel id="robust" title={w.robust} note={w.robustNote} flush>
      <TableBox label={w.robust}>
        <table class="gates">
          <TableHead
            columns={[
              [w.change, ''],
              [w.survived, ''],
            ]}
          />
          <tbody>
            {rows.map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </Panel>
  );
}

function Foot({ view, strategy }: { view: VerdictView; strategy: JudgedStrategy }): VNode {
  const w = judgedWords.value;
  return (
    <p class="table-foot dim">
      {view.state === 'judging' ? `${w.judgingAgain} ` : ''}
      {w.allGates}{' '}
      {strategy.walkForward.efficiency === null ? '' : `${w.efficiency(share(strategy.walkForward.efficiency, 0))} `}
      <a class="link" href={pathOf('work', view.job)}>
        {w.wholeJob}
      </a>
    </p>
  );
}

/** The verdict above the exports; `children` stand below what it would survive. */
export function Judged({ result, children }: { result: ResultView; children: ComponentChildren }): VNode {
  const w = judgedWords.value;
  const answer = useVerdict(result.jobId);
  const view = answer.value;
  const strategy = view?.judgement?.strategies.find(({ hash }) => hash === result.id);
  const held = strategy?.gates.filter(({ holds }) => holds).length;
  return (
    <>
      <div class="strategy-main">
        <Panel
          id="gates"
          title={w.verdict}
          note={strategy === undefined ? undefined : w.verdictNote(count(held), count(strategy.gates.length))}
          side={strategy === undefined ? undefined : <VerdictBadge verdict={strategy.verdict} />}
          flush
        >
          <Await of={answer} lines={6}>
            {(known) =>
              strategy === undefined ? (
                <Without view={known} />
              ) : (
                <>
                  <Gates gates={strategy.gates} />
                  <Foot view={known} strategy={strategy} />
                </>
              )
            }
          </Await>
        </Panel>
        <Export result={result} />
      </div>
      <div class="strategy-side">
        {strategy === undefined ? null : <Robust strategy={strategy} />}
        {children}
      </div>
    </>
  );
}
