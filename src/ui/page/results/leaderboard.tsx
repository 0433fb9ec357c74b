// The strategies that fit, one a row; every header sorts.
import type { VNode } from 'preact';
import type { ResultView } from '../../api.ts';
import type { BoardSort, BoardView } from '../../api-results.ts';
import { pathOf } from '../../places.ts';
import { Sparkline } from '../charts.tsx';
import { count, gain, shortHash } from '../format.ts';
import { useHeld } from '../hold-still.ts';
import { Button, LeftMark, Market, MovedChip, ResultBadge, TableBox } from '../parts.tsx';
import { setQuery } from '../router.ts';
import { UnseenCells } from '../unseen-cells.tsx';
import { sentenceOf, words } from '../words/words.ts';
import { chosenIds, toggleChosen } from './chosen.ts';
import { boardQuery, isUp, sortBy, sortNow } from './filter.ts';
import { resultsWords } from './words.ts';

const idOf = ({ id }: ResultView): string => id;

function Row({ result, rank, hasLeft }: { result: ResultView; rank: number; hasLeft: boolean }): VNode {
  const w = words.value;
  const { id, codeName, inSample, outOfSample } = result;
  const chosen = chosenIds().includes(id);
  return (
    <tr class={`${chosen ? 'selected' : ''}${hasLeft ? ' left' : ''}`}>
      <td class="pick-cell">
        <input
          type="checkbox"
          checked={chosen}
          aria-label={resultsWords.value.choose(codeName)}
          onChange={() => toggleChosen(id)}
        />
      </td>
      <td class="dim rank low">{count(rank)}</td>
      <th scope="row" title={sentenceOf(result)}>
        <a href={pathOf('results', id)}>{codeName}</a>
        <span class="sub">
          <span class="phone-only">
            <Market of={result} /> ·{' '}
          </span>
          {shortHash(id)}
          <LeftMark hasLeft={hasLeft} />
        </span>
      </th>
      <td class="low">
        <Market of={result} />
      </td>
      <td class="equity lower">
        <Sparkline values={result.equity} label={`${w.equity}: ${codeName}`} />
      </td>
      <td class="number low">{gain(inSample.return)}</td>
      <UnseenCells of={outOfSample} />
      <td class="status">
        <ResultBadge state={result.state} />
      </td>
      <td class="lower lowest name">{result.foundBy.name}</td>
    </tr>
  );
}

function Sortable({ sort, text, kind }: { sort: BoardSort; text: string; kind: string }): VNode {
  const here = sortNow() === sort;
  return (
    <th
      scope="col"
      class={`${kind}${here ? ' accent' : ''}`}
      aria-sort={here ? (isUp() ? 'ascending' : 'descending') : 'none'}
    >
      <button type="button" class="sort" title={resultsWords.value.sortBy(text)} onClick={() => sortBy(sort)}>
        {text}
        {here ? (isUp() ? ' ▴' : ' ▾') : ''}
      </button>
    </th>
  );
}

function Head(): VNode {
  const w = words.value;
  return (
    <thead>
      <tr>
        <td class="pick-cell" />
        <th scope="col" class="rank low">
          {w.rank}
        </th>
        <th scope="col">{w.strategy}</th>
        <th scope="col" class="low">
          {w.market}
        </th>
        <th scope="col" class="lower">
          {w.equity}
        </th>
        <Sortable sort="inSample" text={w.inSample} kind="number low" />
        <Sortable sort="outOfSample" text={w.outOfSample} kind="number" />
        <Sortable sort="sharpe" text={w.sharpe} kind="number low" />
        <Sortable sort="maxDrawdown" text={w.maxDrawdownShort} kind="number low" />
        <Sortable sort="trades" text={w.trades} kind="number low" />
        <Sortable sort="winRate" text={w.winRate} kind="number lower" />
        <Sortable sort="profitFactor" text={w.profitFactor} kind="number lower" />
        <th scope="col" class="status">
          {w.status}
        </th>
        <th scope="col" class="lower lowest">
          {w.foundBy}
        </th>
      </tr>
    </thead>
  );
}

function Pages({ board }: { board: BoardView }): VNode {
  const w = resultsWords.value;
  const { page, pages } = board;
  const turn = (to: number): void => setQuery({ page: to === 1 ? undefined : String(to) });
  return (
    <span class="pages">
      <Button kind="icon" label={w.previous} off={page > 1 ? undefined : w.previous} onClick={() => turn(page - 1)}>
        ‹
      </Button>
      <span>{w.page(count(page), count(pages))}</span>
      <Button kind="icon" label={w.next} off={page < pages ? undefined : w.next} onClick={() => turn(page + 1)}>
        ›
      </Button>
    </span>
  );
}

export function Leaderboard({ board, size }: { board: BoardView; size: number }): VNode {
  const { rows, hasLeft, waiting, handlers } = useHeld(board.items, idOf, boardQuery());
  return (
    <>
      {waiting.moved === 0 ? null : (
        <div class="moved-line">
          <MovedChip of={waiting} />
        </div>
      )}
      <TableBox label={resultsWords.value.leaderboard}>
        <table>
          <Head />
          <tbody class="live-numbers" {...handlers}>
            {rows.map((result, i) => (
              <Row key={result.id} result={result} rank={(board.page - 1) * size + i + 1} hasLeft={hasLeft(result)} />
            ))}
          </tbody>
        </table>
      </TableBox>
      <div class="table-foot dim pair">
        <span>
          {resultsWords.value.score} {words.value.segmentNote}
        </span>
        <Pages board={board} />
      </div>
    </>
  );
}
