// The job that the address names: its map of units, and how to steer it.
import type { VNode } from 'preact';
import type { JobView } from '../../api.ts';
import type { JobDetail } from '../../api-work.ts';
import { pending, setJob } from '../commands.ts';
import { copyToDraft } from '../dialogs/create-form.ts';
import { count } from '../format.ts';
import { Icon } from '../icons.tsx';
import { Button, JobBadge, Market, Notice, Panel, RiskBadge } from '../parts.tsx';
import { query, setQuery } from '../router.ts';
import { canWrite, jobToStop, members, openDialog, status } from '../store.ts';
import { words } from '../words/words.ts';
import { UnitMap } from './unit-map.tsx';
import { workWords } from './words.ts';

export function chosenUnit(): number | undefined {
  const n = Number(query.value.get('unit') ?? Number.NaN);
  return Number.isSafeInteger(n) && n >= 1 ? n - 1 : undefined;
}

const choose = (index: number | undefined): void =>
  setQuery({ unit: index === undefined ? undefined : String(index + 1) });

const LIVE: readonly JobView['state'][] = ['running', 'blocked', 'queued', 'paused'];

function maySteer(job: JobView): boolean {
  const self = members.value.find((member) => member.self);
  return job.createdBy.peerId === status.value?.peerId || self?.role === 'admin';
}

function Actions({ job }: { job: JobView }): VNode {
  const w = workWords.value;
  const off = canWrite.value ? undefined : words.value.writesOff;
  const busy = pending.value.has(job.id);
  const paused = job.state === 'paused';
  const copy = (): void => {
    copyToDraft(job);
    openDialog.value = 'create';
  };
  return (
    <div class="actions">
      {LIVE.includes(job.state) && maySteer(job) ? (
        <>
          <Button off={off} busy={busy} onClick={() => void setJob(job, paused ? 'resume' : 'pause')}>
            <Icon name={paused ? 'play' : 'pause'} /> {paused ? w.resumeJob : w.pauseJob}
          </Button>
          <Button off={off} busy={busy} onClick={() => (jobToStop.value = job)}>
            <Icon name="stop" /> {w.stopJob}
          </Button>
        </>
      ) : null}
      <Button off={off} onClick={copy}>
        <Icon name="copy" /> {w.copyJob}
      </Button>
      {maySteer(job) ? null : <span class="small dim">{w.othersJob}</span>}
    </div>
  );
}

function Notices({ job }: { job: JobView }): VNode {
  const w = workWords.value;
  const { disputed } = job.counts;
  return (
    <>
      {job.reason === null ? null : (
        <Notice tone="info" icon="info">
          <span lang="en">{job.reason}</span>
        </Notice>
      )}
      {job.datasetHere ? null : (
        <Notice tone="caution" icon="warning">
          {w.noCandles}
        </Notice>
      )}
      {disputed === 0 ? null : (
        <Notice tone="caution" icon="warning">
          <strong>{w.disagree(disputed, count(disputed))}</strong> {w.disagreeText}
        </Notice>
      )}
    </>
  );
}

export function Job({ job, detail }: { job: JobView; detail: JobDetail }): VNode {
  const w = workWords.value;
  const unit = chosenUnit();
  return (
    <Panel id="job" title={job.name} note={w.mapTitle} side={<UnitNumber of={detail.map.length} unit={unit} />}>
      <div class="live-numbers job-body">
        <p class="job-line">
          <strong>
            <Market of={job} />
          </strong>{' '}
          <RiskBadge risk={job.risk} /> <JobBadge state={job.state} />
          <span class="muted">
            {' '}
            {w.population(count(job.population), count(job.generations))} · {w.peersAgree(count(detail.quorum))}
          </span>
        </p>
        <Actions job={job} />
        <UnitMap map={detail.map} name={job.name} chosen={unit} onChoose={choose} />
        {detail.map.length < job.units ? <p class="small dim">{w.mapShort(count(detail.map.length))}</p> : null}
        <Notices job={job} />
      </div>
    </Panel>
  );
}

function UnitNumber({ of, unit }: { of: number; unit: number | undefined }): VNode {
  const w = workWords.value;
  return (
    <label class="unit-number" title={w.chooseUnit}>
      {w.unitNumber}{' '}
      <input
        type="number"
        min={1}
        max={of}
        value={unit === undefined ? '' : unit + 1}
        onInput={({ currentTarget }) => {
          const n = currentTarget.valueAsNumber;
          if (Number.isNaN(n) || (Number.isInteger(n) && n >= 1 && n <= of))
            choose(Number.isNaN(n) ? undefined : n - 1);
        }}
      />
    </label>
  );
}
