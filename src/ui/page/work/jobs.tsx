// All jobs of the mesh, one a row.
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import type { JobState, JobView } from '../../api.ts';
import { pathOf } from '../../places.ts';
import { count, gain, share, span } from '../format.ts';
import { useHeld } from '../hold-still.ts';
import { Icon } from '../icons.tsx';
import { onPageKey } from '../keys.ts';
import {
  BlockBar,
  Button,
  Empty,
  JobBadge,
  LeftMark,
  Market,
  MovedChip,
  Panel,
  RiskBadge,
  TableBox,
  TableHead,
} from '../parts.tsx';
import { go, query, setQuery } from '../router.ts';
import { canWrite, jobs, openDialog, status } from '../store.ts';
import { words } from '../words/words.ts';
import { workWords } from './words.ts';

const FILTERS = ['all', 'running', 'queued', 'complete', 'mine'] as const;
type Filter = (typeof FILTERS)[number];

const ORDER: readonly JobState[] = ['running', 'blocked', 'queued', 'paused', 'complete', 'stopped', 'failed'];
const idOf = ({ id }: JobView): string => id;
const isMine = (job: JobView): boolean => job.createdBy.peerId === status.value?.peerId;

function fits(filter: Filter): (job: JobView) => boolean {
  if (filter === 'all') return () => true;
  return filter === 'mine' ? isMine : ({ state }) => state === filter;
}

export const filterNow = (): Filter => FILTERS.find((each) => each === query.value.get('show')) ?? 'all';

/** Running by what is left, queued by age, the rest with the newest on top. */
export function shownJobs(): JobView[] {
  return jobs.value.filter(fits(filterNow())).sort((a, b) => {
    const rank = ORDER.indexOf(a.state) - ORDER.indexOf(b.state);
    if (rank !== 0) return rank;
    const left = (a.remainingMs ?? Number.MAX_SAFE_INTEGER) - (b.remainingMs ?? Number.MAX_SAFE_INTEGER);
    if (left !== 0) return left;
    const older = a.createdAt < b.createdAt ? -1 : 1;
    return a.state === 'queued' ? older : -older;
  });
}

export function CreateButton(): VNode {
  const w = words.value;
  return (
    <Button kind="primary" off={canWrite.value ? undefined : w.writesOff} onClick={() => (openDialog.value = 'create')}>
      <Icon name="plus" /> {w.createWork} <kbd>N</kbd>
    </Button>
  );
}

export function Filters(): VNode {
  const w = workWords.value;
  const { jobRunning, jobQueued, jobComplete } = words.value;
  const names = { all: w.all, running: jobRunning, queued: jobQueued, complete: jobComplete, mine: w.mine };
  return (
    <div class="page-bar">
      <fieldset class="chips">
        <legend class="visually-hidden">{w.filter}</legend>
        {FILTERS.map((filter) => (
          <button
            key={filter}
            type="button"
            class="pick"
            aria-pressed={filterNow() === filter}
            onClick={() => setQuery({ show: filter === 'all' ? undefined : filter })}
          >
            {names[filter]} <strong>{count(jobs.value.filter(fits(filter)).length)}</strong>
          </button>
        ))}
      </fieldset>
      <CreateButton />
    </div>
  );
}

function Row({ job, chosen, hasLeft }: { job: JobView; chosen: boolean; hasLeft: boolean }): VNode {
  const w = words.value;
  const { validated, running, disputed, provisional } = job.counts;
  return (
    <tr class={`${chosen ? 'selected' : ''}${hasLeft ? ' left' : ''}`}>
      <th scope="row">
        <a href={pathOf('work', job.id)} aria-current={chosen ? 'true' : undefined}>
          <Market of={job} />
          <span class="visually-hidden"> {job.name}</span>
        </a>
        <span class="sub">
          {job.name} · {count(job.population)} × {count(job.generations)}
          <LeftMark hasLeft={hasLeft} />
        </span>
      </th>
      <td class="low">
        <RiskBadge risk={job.risk} />
      </td>
      <td class="progress">
        <BlockBar
          label={`${w.progress}: ${job.name}`}
          value={validated}
          waiting={provisional}
          running={running}
          of={job.units}
        />
        <span class="sub pair">
          <span>{w.unitsOf(count(validated), count(job.units))}</span>
          <span>{share(job.units === 0 ? null : validated / job.units, 0)}</span>
        </span>
      </td>
      <td class="number low">{count(running)}</td>
      <td class={`number low${disputed > 0 ? ' amber' : ''}`}>{count(disputed)}</td>
      <td class={`number${(job.bestOutOfSample ?? 0) > 0 ? ' accent' : ''}`}>{gain(job.bestOutOfSample)}</td>
      <td class="number low">{span(job.remainingMs)}</td>
      <td class="lower name">{job.createdBy.name}</td>
      <td class="status">
        <JobBadge state={job.state} />
      </td>
    </tr>
  );
}

function Head(): VNode {
  const w = words.value;
  const columns: [string, string][] = [
    [w.job, ''],
    [w.risk, 'low'],
    [w.progress, ''],
    [w.running, 'number low'],
    [w.disputed, 'number low'],
    [w.bestOosShort, 'number'],
    [w.remaining, 'number low'],
    [w.createdBy, 'lower'],
    [w.status, 'status'],
  ];
  return <TableHead columns={columns} />;
}

/** `j` and `k` go down and up the rows. */
function useRowKeys(rows: readonly JobView[], chosen: string | undefined): void {
  useEffect(() => {
    const move = (step: number) => (): void => {
      const at = rows.findIndex(({ id }) => id === chosen);
      const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
      if (next !== undefined) go(`${pathOf('work', next.id)}${location.search}`, { quiet: true });
    };
    const stops = [onPageKey('j', move(1)), onPageKey('k', move(-1))];
    return () => {
      for (const stop of stops) stop();
    };
  });
}

export function Jobs({ chosen }: { chosen: string | undefined }): VNode {
  const w = workWords.value;
  const fresh = shownJobs();
  const { rows, hasLeft, waiting, handlers } = useHeld(fresh, idOf, filterNow(), jobs.value);
  useRowKeys(rows, chosen);
  return (
    <Panel id="jobs" title={w.jobsTitle} note={count(fresh.length)} flush side={<MovedChip of={waiting} />}>
      {rows.length === 0 ? (
        <Empty art="grid" title={w.noneMatch} text={w.noneMatchText} />
      ) : (
        <>
          <TableBox label={w.jobsTitle}>
            <table>
              <Head />
              <tbody class="live-numbers rows-open" {...handlers}>
                {rows.map((job) => (
                  <Row key={job.id} job={job} chosen={job.id === chosen} hasLeft={hasLeft(job)} />
                ))}
              </tbody>
            </table>
          </TableBox>
          <p class="table-foot dim pair">
            <span>
              {w.barNote} {words.value.bestOosNote}
            </span>
            <span class="keys-note">
              <kbd>J</kbd> <kbd>K</kbd> {w.keysNote}
            </span>
          </p>
        </>
      )}
    </Panel>
  );
}
