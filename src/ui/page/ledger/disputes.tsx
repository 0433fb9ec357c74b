// Units on which machines gave different answers: who said what, in which figure they differ, and what came of it.
import type { VNode } from 'preact';
import type { DisputesView, DisputeView } from '../../api-ledger.ts';
import { pathOf } from '../../places.ts';
import { Await, useFetched } from '../fetched.tsx';
import { count, plain, shortHash } from '../format.ts';
import { Icon } from '../icons.tsx';
import { Empty, Panel, TableBox, TableHead } from '../parts.tsx';
import { status } from '../store.ts';
import { ledgerWords } from './words.ts';

function StateBadge({ state }: { state: DisputeView['state'] }): VNode {
  const w = ledgerWords.value;
  if (state === 'settled') {
    return (
      <span class="badge good">
        <Icon name="check" /> {w.isSettled}
      </span>
    );
  }
  return (
    <span class={`badge ${state === 'open' ? 'info' : 'bad'}`}>
      <Icon name={state === 'open' ? 'clock' : 'warning'} /> {state === 'open' ? w.isOpen : w.isFailed}
    </span>
  );
}

const valueText = (value: number | string | null): string =>
  typeof value === 'number' ? plain(value) : value === null ? '—' : value.slice(0, 24);

function Row({ dispute }: { dispute: DisputeView }): VNode {
  const w = ledgerWords.value;
  const { jobId, jobName, index, state, answers, differs } = dispute;
  return (
    <tr>
      <th scope="row">
        <a class="quiet-link" href={`${pathOf('work', jobId)}?unit=${index + 1}`}>
          {jobName}
          <span class="sub">{w.unitOf(count(index + 1))}</span>
        </a>
      </th>
      <td>
        <ul class="answers">
          {answers.map(({ answer, by, valid }) => (
            <li key={answer}>
              <code class={valid === true ? 'accent' : valid === false ? 'red' : 'amber'}>{shortHash(answer)}</code>{' '}
              <span class="muted">{by.map(({ name }) => name).join(', ')}</span>
            </li>
          ))}
        </ul>
      </td>
      <td class="low differs">
        {differs === null ? (
          '—'
        ) : (
          <>
            <span lang="en">{differs.figure}</span>
            <span class="sub">{differs.values.map(valueText).join(' · ')}</span>
          </>
        )}
      </td>
      <td>
        <StateBadge state={state} />
      </td>
    </tr>
  );
}

function Body({ disputes }: { disputes: DisputesView }): VNode {
  const w = ledgerWords.value;
  const { items, dropped } = disputes;
  if (items.length === 0 && dropped === 0) {
    return <Empty art="pulse" title={w.noDisputes} text={w.noDisputesText} />;
  }
  const columns: [string, string][] = [
    [w.unit, ''],
    [w.answers, ''],
    [w.differsIn, 'low'],
    [w.status, ''],
  ];
  return (
    <>
      <TableBox label={w.disputes}>
        <table>
          <TableHead columns={columns} />
          <tbody class="live-numbers">
            {items.map((dispute) => (
              <Row key={dispute.unitId} dispute={dispute} />
            ))}
          </tbody>
        </table>
      </TableBox>
      <p class="table-foot dim">{w.droppedNote(dropped, count(dropped))}</p>
    </>
  );
}

export function Disputes(): VNode {
  const w = ledgerWords.value;
  const answer = useFetched<DisputesView>('ledger/disputes', status.value?.ledger.root);
  const { value } = answer;
  return (
    <Panel
      id="disputes"
      title={w.disputes}
      note={value === undefined ? undefined : w.disputesNote(count(value.open), count(value.failed))}
      flush
    >
      <Await of={answer} lines={4}>
        {(disputes) => <Body disputes={disputes} />}
      </Await>
    </Panel>
  );
}
