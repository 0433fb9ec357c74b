// What the ledger said at an earlier moment: members, work and state as they were when an entry was written. The address
// names the entry.
import type { VNode } from 'preact';
import type { EntryView, LedgerMoment } from '../../api.ts';
import { pathOf } from '../../places.ts';
import { Await, useFetched } from '../fetched.tsx';
import { count, shortHash, stamp } from '../format.ts';
import { BlockBar, Button, Facts, Panel, TableBox, TableHead } from '../parts.tsx';
import { query, setQuery } from '../router.ts';
import { status } from '../store.ts';
import { ledgerWords } from './words.ts';

export const chosenMoment = (): string | undefined => query.value.get('at') ?? undefined;
export const chooseMoment = (entry: string | undefined): void => setQuery({ at: entry });

/** From one listed entry to the next; the newest stands first. */
function Steps({ entries, at }: { entries: readonly EntryView[]; at: string }): VNode {
  const w = ledgerWords.value;
  const place = entries.findIndex(({ id }) => id === at);
  const earlier = place < 0 ? undefined : entries[place + 1];
  const later = entries[place - 1];
  return (
    <span class="pages">
      <Button
        kind="icon"
        label={w.earlier}
        off={earlier === undefined ? w.earlier : undefined}
        onClick={() => chooseMoment(earlier?.id)}
      >
        ‹
      </Button>
      <Button
        kind="icon"
        label={w.later}
        off={later === undefined ? w.later : undefined}
        onClick={() => chooseMoment(later?.id)}
      >
        ›
      </Button>
      <Button onClick={() => chooseMoment(undefined)}>{w.now}</Button>
    </span>
  );
}

type JobThen = LedgerMoment['jobs'][number];

function JobRow({ job }: { job: JobThen }): VNode {
  const w = ledgerWords.value;
  const { id, name, units, action, validated, provisional, disputed, failed } = job;
  return (
    <tr>
      <th scope="row">
        <a class="quiet-link" href={pathOf('work', id)}>
          {name}
        </a>{' '}
        {action === 'pause' || action === 'stop' ? (
          <span class="badge plain">{action === 'pause' ? w.paused : w.stopped}</span>
        ) : null}
      </th>
      <td class="progress">
        <BlockBar label={`${name}: ${w.validatedThen}`} value={validated} of={units} waiting={provisional} />
        <span class="sub">
          {count(validated)}/{count(units)}
        </span>
      </td>
      <td class="number low">{count(provisional)}</td>
      <td class={`number low ${disputed > 0 ? 'amber' : ''}`}>{count(disputed)}</td>
      <td class={`number low ${failed > 0 ? 'red' : ''}`}>{count(failed)}</td>
    </tr>
  );
}

function roleWord(role: LedgerMoment['members'][number]['role']): string {
  const { admin, member, worker } = ledgerWords.value;
  return { admin, member, worker }[role];
}

function Moment({ moment }: { moment: LedgerMoment }): VNode {
  const w = ledgerWords.value;
  const now = status.value?.ledger;
  const { entry, at, root, entries, members, jobs } = moment;
  const columns: [string, string][] = [
    [w.jobThen, ''],
    [w.validatedThen, ''],
    [w.waitingThen, 'number low'],
    [w.disputedThen, 'number low'],
    [w.failedThen, 'number low'],
  ];
  return (
    <div class="moment">
      <Facts
        rows={[
          [w.written, <code key="entry">{shortHash(entry)}</code>],
          [w.at, stamp(at)],
          [w.entriesThen, w.entriesThenOf(count(entries), count(now?.entries))],
          [
            w.rootThen,
            <span key="root">
              <code>{shortHash(root)}</code> {root === now?.root ? <span class="dim">{w.asNow}</span> : null}
            </span>,
          ],
          [w.membersThen, members.map(({ name, role }) => `${name} (${roleWord(role)})`).join(', ')],
        ]}
      />
      {jobs.length === 0 ? (
        <p class="small muted">{w.noJobsThen}</p>
      ) : (
        <TableBox label={w.replay} short>
          <table>
            <TableHead columns={columns} />
            <tbody>
              {[...jobs].reverse().map((job) => (
                <JobRow key={job.id} job={job} />
              ))}
            </tbody>
          </table>
        </TableBox>
      )}
    </div>
  );
}

/** `entries`: those that are listed, for going from one to the next. */
export function Replay({ entries }: { entries: readonly EntryView[] }): VNode {
  const w = ledgerWords.value;
  const at = chosenMoment();
  const moment = useFetched<LedgerMoment>(
    at === undefined ? undefined : `ledger/at/${encodeURIComponent(at)}`,
    undefined,
  );
  return (
    <Panel
      id="replay"
      title={w.replay}
      note={at === undefined ? w.replayNote : undefined}
      side={at === undefined ? undefined : <Steps entries={entries} at={at} />}
    >
      {at === undefined ? (
        <p class="small muted">{w.replayHint}</p>
      ) : (
        <Await of={moment} lines={6}>
          {(value) => <Moment moment={value} />}
        </Await>
      )}
    </Panel>
  );
}
