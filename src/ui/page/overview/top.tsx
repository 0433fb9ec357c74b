// The ten best strategies by what they did on data that the search had not seen.
import type { VNode } from 'preact';
import type { ResultView } from '../../api.ts';
import { pathOf } from '../../places.ts';
import { Sparkline } from '../charts.tsx';
import { count, shortHash } from '../format.ts';
import { useHeld } from '../hold-still.ts';
import { Empty, LeftMark, Market, MovedChip, Panel, ResultBadge, TableBox } from '../parts.tsx';
import { top } from '../store.ts';
import { UnseenCells } from '../unseen-cells.tsx';
import { sentenceOf, words } from '../words/words.ts';

const idOf = ({ id }: ResultView): string => id;

function Row({ result, rank, hasLeft }: { result: ResultView; rank: number; hasLeft: boolean }): VNode {
  const w = words.value;
  const { outOfSample } = result;
  return (
    <tr class={hasLeft ? 'left' : ''}>
      <td class="dim rank">{count(rank)}</td>
      <th scope="row" title={sentenceOf(result)}>
        <a href={pathOf('results', result.id)} class="quiet-link">
          {result.codeName}
        </a>
        <span class="sub">
          <span class="phone-only">
            <Market of={result} /> ·{' '}
          </span>
          {shortHash(result.id)}
          <LeftMark hasLeft={hasLeft} />
        </span>
      </th>
      <td class="low">
        <Market of={result} />
      </td>
      <td class="equity low">
        <Sparkline values={result.equity} label={`${w.equity}: ${result.codeName}`} />
      </td>
      <UnseenCells of={outOfSample} />
      <td class="status">
        <ResultBadge state={result.state} />
      </td>
      <td class="low name">{result.foundBy.name}</td>
    </tr>
  );
}

function Head(): VNode {
  const w = words.value;
  return (
    <thead>
      <tr>
        <th scope="col" class="rank">
          {w.rank}
        </th>
        <th scope="col">{w.strategy}</th>
        <th scope="col" class="low">
          {w.market}
        </th>
        <th scope="col" class="low">
          {w.equity}
        </th>
        <th scope="col" class="number accent" aria-sort="descending">
          {w.outOfSample}
        </th>
        <th scope="col" class="number low">
          {w.sharpe}
        </th>
        <th scope="col" class="number low">
          {w.maxDrawdownShort}
        </th>
        <th scope="col" class="number low">
          {w.trades}
        </th>
        <th scope="col" class="number lower">
          {w.winRate}
        </th>
        <th scope="col" class="number lower">
          {w.profitFactor}
        </th>
        <th scope="col" class="status">
          {w.status}
        </th>
        <th scope="col" class="low">
          {w.foundBy}
        </th>
      </tr>
    </thead>
  );
}

export function Top(): VNode {
  const w = words.value;
  const { rows, hasLeft, waiting, handlers } = useHeld(top.value, idOf);
  if (top.value.length === 0) {
    return (
      <Panel id="top" title={w.topTitle} note={w.topNote}>
        <Empty art="funnel" title={w.topEmpty} text={w.topEmptyText} />
      </Panel>
    );
  }
  return (
    <Panel
      id="top"
      title={w.topTitle}
      note={w.topNote}
      flush
      side={
        <>
          <MovedChip of={waiting} />
          <a class="link" href="/results">
            {w.allResults}
          </a>
        </>
      }
    >
      <TableBox label={w.topTitle}>
        <table>
          <Head />
          <tbody class="live-numbers" {...handlers}>
            {rows.map((result, i) => (
              <Row key={result.id} result={result} rank={i + 1} hasLeft={hasLeft(result)} />
            ))}
          </tbody>
        </table>
      </TableBox>
      <p class="table-foot dim">{w.segmentNote}</p>
    </Panel>
  );
}
