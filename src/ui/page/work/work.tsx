// Work: all jobs, and the one that is open with each of its units.
import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import type { JobDetail } from '../../api-work.ts';
import { Await, useFetched } from '../fetched.tsx';
import { Empty, Notice, Panel } from '../parts.tsx';
import { place } from '../router.ts';
import { jobs } from '../store.ts';
import { words } from '../words/words.ts';
import { Details } from './details.tsx';
import { chosenUnit, Job } from './job.tsx';
import { CreateButton, Filters, filterNow, Jobs, shownJobs } from './jobs.tsx';
import { Unit } from './unit.tsx';
import { Verdict } from './verdict.tsx';
import { workWords } from './words.ts';

function Chosen({ id }: { id: string }): VNode {
  const job = jobs.value.find((each) => each.id === id);
  const detail = useFetched<JobDetail>(job === undefined ? undefined : `jobs/${id}`, job);
  if (job === undefined) {
    return (
      <Notice tone="caution" icon="warning">
        {workWords.value.unknownJob}
      </Notice>
    );
  }
  const unit = chosenUnit();
  const whole = detail.value;
  if (whole === undefined) {
    return (
      <Panel id="job" title={job.name}>
        <Await of={detail} lines={8}>
          {() => null}
        </Await>
      </Panel>
    );
  }
  return (
    <>
      <Job job={job} detail={whole} />
      <Details detail={{ ...whole, job }} />
      <Verdict job={job} />
      {unit === undefined || unit >= whole.map.length ? null : <Unit detail={whole} index={unit} />}
    </>
  );
}

/** Where the address names no job: the first one, and still that one when the order changes. */
function useFirst(): string | undefined {
  const kept = useRef<{ filter: string; id: string | undefined }>({ filter: '', id: undefined });
  const filter = filterNow();
  const there = jobs.value.some(({ id }) => id === kept.current.id);
  if (!there || kept.current.filter !== filter) kept.current = { filter, id: shownJobs()[0]?.id };
  return kept.current.id;
}

export function WorkPage(): VNode {
  const w = words.value;
  const first = useFirst();
  if (jobs.value.length === 0) {
    return (
      <Panel id="jobs" title={workWords.value.jobsTitle}>
        <Empty art="grid" title={w.workEmpty} text={w.workEmptyText}>
          <CreateButton />
        </Empty>
      </Panel>
    );
  }
  const chosen = place.value.id ?? first;
  return (
    <>
      <Filters />
      <div class="grid">
        <Jobs chosen={chosen} />
        {chosen === undefined ? null : <Chosen key={chosen} id={chosen} />}
      </div>
    </>
  );
}
