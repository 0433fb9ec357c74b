// The jobs of the mesh, and how to give it another.
import type { VNode } from 'preact';
import type { JobView } from '../../api.ts';
import { pathOf } from '../../places.ts';
import { pending, setJob } from '../commands.ts';
import { count, gain, share, span } from '../format.ts';
import { Icon } from '../icons.tsx';
import { BlockBar, Button, Empty, JobBadge, Market, Panel, RiskBadge, TableBox } from '../parts.tsx';
import { canWrite, jobs, jobToStop, openDialog, status } from '../store.ts';
import { words } from '../words/words.ts';

const ROWS_MAX = 5;
const LIVE: readonly JobView['state'][] = ['running', 'blocked', 'queued', 'paused'];

/** Live jobs first by how soon they end, then the rest with the newest on top. */
function sorted(all: readonly JobView[]): JobView[] {
  const rank = ({ state }: JobView): number => (LIVE.includes(state) ? LIVE.indexOf(state) : LIVE.length);
  return [...all].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.remainingMs ?? Number.MAX_SAFE_INTEGER) - (b.remainingMs ?? Number.MAX_SAFE_INTEGER) ||
      (a.createdAt < b.createdAt ? 1 : -1),
  );
}

function CreateButton(): VNode {
  const w = words.value;
  return (
    <Button kind="primary" off={canWrite.value ? undefined : w.writesOff} onClick={() => (openDialog.value = 'create')}>
      <Icon name="plus" /> {w.createWork} <kbd>N</kbd>
    </Button>
  );
}

function Side(): VNode {
  return (
    <>
      <a class="link" href="/work">
        {words.value.allWork}
      </a>
      <CreateButton />
    </>
  );
}

/** Only its creator steers a job. */
function Actions({ job }: { job: JobView }): VNode | null {
  const w = words.value;
  if (job.createdBy.peerId !== status.value?.peerId || !LIVE.includes(job.state)) return null;
  const off = canWrite.value ? undefined : w.writesOff;
  const busy = pending.value.has(job.id);
  const paused = job.state === 'paused';
  return (
    <span class="row-actions">
      <Button
        kind="icon"
        off={off}
        busy={busy}
        label={paused ? w.resumeJob(job.name) : w.pauseJob(job.name)}
        onClick={() => void setJob(job, paused ? 'resume' : 'pause')}
      >
        <Icon name={paused ? 'play' : 'pause'} />
      </Button>
      <Button kind="icon" off={off} busy={busy} label={w.stopJob(job.name)} onClick={() => (jobToStop.value = job)}>
        <Icon name="stop" />
      </Button>
    </span>
  );
}

function Row({ job }: { job: JobView }): VNode {
  const w = words.value;
  const { validated, running, disputed, provisional } = job.counts;
  return (
    <tr class={job.state === 'running' ? 'selected' : ''}>
      <th scope="row">
        <a href={pathOf('work', job.id)} class="quiet-link">
          <Market of={job} />
        </a>{' '}
        <RiskBadge risk={job.risk} />
        <span class="sub">
          {job.name} · {count(job.population)} × {count(job.generations)}
          <span class="low creator" title={`${w.createdBy} ${job.createdBy.name}`}>
            {` · ${job.createdBy.name}`}
          </span>
        </span>
        {job.reason === null ? null : (
          <span class={`sub reason${job.state === 'running' ? '' : ' amber'}`} lang="en">
            {job.reason}
          </span>
        )}
      </th>
      <td class="progress">
        <BlockBar
          label={`${w.progress}: ${job.name}`}
          value={validated}
          waiting={provisional}
          running={running}
          of={job.units}
        />
        <span class="sub pair">
          <span title={w.unitsWaiting(count(provisional))}>{w.unitsOf(count(validated), count(job.units))}</span>
          <span>{share(job.units === 0 ? null : validated / job.units, 0)}</span>
        </span>
      </td>
      <td class="number low">{count(running)}</td>
      <td class={`number low${disputed > 0 ? ' amber' : ''}`}>{count(disputed)}</td>
      <td class={`number${(job.bestOutOfSample ?? 0) > 0 ? ' accent' : ''}`}>{gain(job.bestOutOfSample)}</td>
      <td class="number low">{span(job.remainingMs)}</td>
      <td>
        <span class="status-cell">
          <JobBadge state={job.state} />
          <Actions job={job} />
        </span>
      </td>
    </tr>
  );
}

function Table({ rows }: { rows: readonly JobView[] }): VNode {
  const w = words.value;
  return (
    <TableBox label={w.workTitle}>
      <table>
        <thead>
          <tr>
            <th scope="col">{w.job}</th>
            <th scope="col">{w.progress}</th>
            <th scope="col" class="number low">
              {w.running}
            </th>
            <th scope="col" class="number low">
              {w.disputed}
            </th>
            <th scope="col" class="number" title={`${w.bestOos}, ${w.afterFees}`}>
              {w.bestOosShort}
              <span class="visually-hidden">, {w.afterFees}</span>
            </th>
            <th scope="col" class="number low">
              {w.remaining}
            </th>
            <th scope="col">{w.status}</th>
          </tr>
        </thead>
        <tbody class="live-numbers">
          {rows.map((job) => (
            <Row key={job.id} job={job} />
          ))}
        </tbody>
      </table>
    </TableBox>
  );
}

export function Work(): VNode {
  const w = words.value;
  const all = sorted(jobs.value);
  const rows = all.slice(0, ROWS_MAX);
  return (
    <Panel id="work" title={w.workTitle} flush side={all.length === 0 ? null : <Side />}>
      {all.length === 0 ? (
        <Empty art="grid" title={w.workEmpty} text={w.workEmptyText}>
          <CreateButton />
        </Empty>
      ) : (
        <>
          <Table rows={rows} />
          <p class="table-foot dim">
            {w.bestOosNote} {all.length > rows.length ? w.moreJobs(count(all.length - rows.length)) : ''}
          </p>
        </>
      )}
    </Panel>
  );
}
