// How a member is reached from this node, what that carried, when it was there, and who let it in.
import type { VNode } from 'preact';
import type { MemberView } from '../../api.ts';
import type { AdmissionView, MemberDetail, WayProblem, WayView } from '../../api-members.ts';
import { Await, useFetched } from '../fetched.tsx';
import { bytes, count, shortHash, span, stamp } from '../format.ts';
import { Facts, TableBox, TableHead } from '../parts.tsx';
import { now } from '../store.ts';
import { Week } from './week.tsx';
import { peersWords } from './words.ts';

const AGAIN_MS = 5_000;

const since = (time: string): number => Math.max(0, now.value - Date.parse(time));

function admissionText({ by, invitedBy, entry }: AdmissionView): string {
  const w = peersWords.value;
  if (by === null) return w.firstMember;
  return `${invitedBy === null ? by.name : w.letInBy(by.name, invitedBy.name)} · ${w.entry(shortHash(entry))}`;
}

function connectionText({ connection }: MemberDetail): string {
  const w = peersWords.value;
  if (connection === null) return w.noConnection;
  const opened = connection.openedHere ? w.openedHere : w.openedThere;
  return `${connection.address} · ${w.forSpan(span(since(connection.since)))} · ${opened}`;
}

function attemptsText({ failed, nextAt, dialling }: NonNullable<MemberDetail['attempts']>): string {
  const w = peersWords.value;
  const soon = nextAt === null ? w.noAddress : w.nextIn(span(Math.max(0, Date.parse(nextAt) - now.value)));
  return `${w.failedInRow(failed, count(failed))} · ${dialling ? w.dialling : soon}`;
}

function facts(detail: MemberDetail): [string, string][] {
  const w = peersWords.value;
  const { member, admission, attempts, traffic } = detail;
  const carried =
    traffic === null
      ? '—'
      : `${w.bytesInOut(bytes(traffic.in), bytes(traffic.out))} · ${w.sinceTime(stamp(traffic.since))}`;
  return [
    [w.admission, admissionText(admission)],
    ...(member.self
      ? []
      : [
          [w.connection, connectionText(detail)] as [string, string],
          ...(attempts === null ? [] : [[w.attempts, attemptsText(attempts)] as [string, string]]),
          [w.carried, carried] as [string, string],
        ]),
  ];
}

function Problem({ problem }: { problem: WayProblem }): VNode {
  const w = peersWords.value;
  if (problem.code === 'dial_failed') return <span lang="en">{problem.message}</span>;
  return <>{w.problem(problem.code)}</>;
}

function Way({ way }: { way: WayView }): VNode {
  const w = peersWords.value;
  const { address, heardAt, triedAt, problem, inUse } = way;
  const led = triedAt === null ? '—' : w.ledThere;
  return (
    <tr>
      <th scope="row" class="way-address">
        {address}
      </th>
      <td class="number low">{w.ago(span(since(heardAt)))}</td>
      <td class="number">{triedAt === null ? w.notTried : w.ago(span(since(triedAt)))}</td>
      <td class={inUse ? 'accent' : problem === null ? 'dim' : 'amber'}>
        {inUse ? w.inUse : problem === null ? led : <Problem problem={problem} />}
      </td>
    </tr>
  );
}

function WaysTable({ ways }: { ways: readonly WayView[] }): VNode {
  const w = peersWords.value;
  const columns: [string, string][] = [
    [w.address, ''],
    [w.heardOf, 'number low'],
    [w.tried, 'number'],
    [w.cameTo, ''],
  ];
  return (
    <>
      <h3 class="sub-title">{w.ways}</h3>
      {ways.length === 0 ? (
        <p class="small dim">{w.noAddress}</p>
      ) : (
        <TableBox label={w.ways}>
          <table class="ways">
            <TableHead columns={columns} />
            <tbody>
              {ways.map((way) => (
                <Way key={way.address} way={way} />
              ))}
            </tbody>
          </table>
        </TableBox>
      )}
    </>
  );
}

/** Asked for again every few seconds while it is open. */
export function Reach({ member }: { member: MemberView }): VNode {
  const { peerId, connected } = member;
  const mark = `${connected} ${Math.floor(now.value / AGAIN_MS)}`;
  const detail = useFetched<MemberDetail>(`members/${encodeURIComponent(peerId)}`, mark);
  return (
    <Await of={detail} lines={5}>
      {(value) => (
        <>
          <Facts rows={facts(value)} />
          {member.self ? null : <WaysTable ways={value.ways} />}
          {value.week === null ? null : <Week week={value.week} />}
        </>
      )}
    </Await>
  );
}
