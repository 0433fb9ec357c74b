// Results: what was found, filtered and in order, against what was tried for it.
import type { ComponentChildren, VNode } from 'preact';
import type { ResultView } from '../../api.ts';
import type { BoardView, LandscapeView } from '../../api-results.ts';
import { csvOf } from '../csv.ts';
import { Await, read, useFetched, useKept } from '../fetched.tsx';
import { count, span } from '../format.ts';
import { Icon } from '../icons.tsx';
import { Button, Empty, Panel } from '../parts.tsx';
import { setQuery } from '../router.ts';
import { saveFile } from '../save-file.ts';
import { counts, status } from '../store.ts';
import { toast } from '../toasts.ts';
import { words } from '../words/words.ts';
import { Compare } from './compare.tsx';
import { boardQuery, clearFilters, filterQuery, filterText, setFilter, valueIn } from './filter.ts';
import { Filters } from './filters.tsx';
import { Funnel } from './funnel.tsx';
import { Leaderboard } from './leaderboard.tsx';
import { Markets, Timeline } from './markets.tsx';
import { Scatter } from './scatter.tsx';
import { resultsWords } from './words.ts';

/** Rows of one page, as the node has it by default. */
const PAGE_LENGTH = 25;
const EXPORT_MAX = 500;
const VIEWS = ['leaderboard', 'byMarket', 'timeline'] as const;

function None({ board }: { board: BoardView }): VNode {
  const w = resultsWords.value;
  const { hides } = board;
  return (
    <Empty
      art="funnel"
      title={w.noneTitle}
      text={hides === null ? '' : w.hides(filterText(hides.filter), count(hides.would))}
    >
      {hides === null ? null : <Button onClick={() => setFilter(hides.filter, '')}>{w.clear}</Button>}
      <Button onClick={clearFilters}>{w.clearAll}</Button>
    </Empty>
  );
}

function csvRows(items: readonly ResultView[]): (string | number | null)[][] {
  const parts = ['inSample', 'outOfSample', 'holdout'] as const;
  const figures = ['return', 'netProfit', 'sharpe', 'maxDrawdown', 'trades', 'winRate', 'profitFactor'] as const;
  const head = ['id', 'codeName', 'market', 'barMs', 'sample', 'state', 'trialsJob', 'foundBy', 'foundAt', 'rules'];
  return [
    [...head, ...parts.flatMap((part) => figures.map((figure) => `${part}.${figure}`))],
    ...items.map((r) => [
      ...[
        r.id,
        r.codeName,
        r.market,
        r.barMs,
        String(r.sample),
        r.state,
        r.trialsJob,
        r.foundBy.name,
        r.foundAt,
        r.sentence,
      ],
      ...parts.flatMap((part) => figures.map((figure) => r[part][figure])),
    ]),
  ];
}

async function exportAs(kind: 'csv' | 'json'): Promise<void> {
  try {
    const { items } = await read<BoardView>(`leaderboard?${boardQuery(EXPORT_MAX)}`);
    if (kind === 'csv') saveFile('strategies.csv', 'text/csv', csvOf(csvRows(items)));
    else saveFile('strategies.json', 'application/json', `${JSON.stringify(items, null, 2)}\n`);
  } catch (error) {
    toast('error', `${words.value.failed} ${(error as Error).message}`);
  }
}

function Side(): VNode {
  const w = resultsWords.value;
  return (
    <>
      {(['csv', 'json'] as const).map((kind) => (
        <Button key={kind} label={`${kind.toUpperCase()}: ${w.exportHint}`} onClick={() => void exportAs(kind)}>
          <Icon name="download" /> {kind === 'csv' ? w.exportCsv : w.exportJson}
        </Button>
      ))}
    </>
  );
}

function Views({ children }: { children: ComponentChildren }): VNode {
  const w = resultsWords.value;
  const here = VIEWS.find((each) => each === valueIn('view')) ?? 'leaderboard';
  return (
    <Panel id="board" title={w[here]} flush side={<Side />}>
      <fieldset class="chips view-chips">
        <legend class="visually-hidden">{w.tabs}</legend>
        {VIEWS.map((view) => (
          <button
            key={view}
            type="button"
            class="pick"
            aria-pressed={view === here}
            onClick={() => setQuery({ view: view === 'leaderboard' ? undefined : view })}
          >
            {w[view]}
          </button>
        ))}
      </fieldset>
      {children}
    </Panel>
  );
}

function NothingYet(): VNode {
  const w = resultsWords.value;
  const left = status.value?.unit?.remainingMs ?? null;
  return (
    <Panel id="board" title={w.leaderboard}>
      <Empty
        art="funnel"
        title={w.emptyTitle}
        text={`${w.emptyText} ${left === null ? '' : w.emptyWait(span(left))}`}
      />
    </Panel>
  );
}

function View({ board, landscape }: { board: BoardView; landscape: LandscapeView | undefined }): VNode {
  if (board.matching === 0) return <None board={board} />;
  const view = valueIn('view');
  if (landscape !== undefined && view === 'byMarket') return <Markets landscape={landscape} />;
  if (landscape !== undefined && view === 'timeline') return <Timeline landscape={landscape} />;
  return <Leaderboard board={board} size={PAGE_LENGTH} />;
}

export function ResultsPage(): VNode {
  const mark = `${status.value?.ledger.root} ${counts.value?.results}`;
  const board = useFetched<BoardView>(`leaderboard?${boardQuery()}`, mark);
  const landscape = useFetched<LandscapeView>(`landscape?${filterQuery()}`, mark);
  // While another answer is on its way the one before stays.
  const kept = useKept(board.value);
  const keptScape = useKept(landscape.value);
  if (kept !== undefined && kept.total === 0) return <NothingYet />;
  return (
    <>
      <Filters board={kept} />
      <div class="grid">
        {keptScape === undefined ? null : (
          <>
            <Scatter landscape={keptScape} />
            <Funnel landscape={keptScape} />
          </>
        )}
        <Compare />
        <Views>
          {kept === undefined ? (
            <Await of={board} lines={8}>
              {() => null}
            </Await>
          ) : (
            <>
              {board.problem === undefined ? null : <Await of={board}>{() => null}</Await>}
              <View board={kept} landscape={keptScape} />
            </>
          )}
        </Views>
      </div>
    </>
  );
}
