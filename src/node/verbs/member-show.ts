// The verb about one member: who it is, how it is reached from here and why not, when it was there.
import type { MemberDetail, WayView, WeekView } from '../../ui/api-members.ts';
import { connectClient } from '../cli/client.ts';
import { bytes, duration, orUnknown, rate, share, table } from '../cli/text.ts';
import type { Verb } from '../cli/verb.ts';

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

export const memberShowVerb: Verb = {
  name: 'member show',
  summary: 'one member: how it is reached from here, why not, when it was there, who let it in',
  positionals: ['<NAME|ID>'],
  options: {},
  async run(context) {
    const path = `members/${encodeURIComponent(context.positionals[0]!)}`;
    const detail = await connectClient(context.dataDir).get<MemberDetail>(path);
    if (context.json) context.document(detail);
    else for (const line of detailLines(detail, Date.now())) context.print(line);
    return 0;
  },
};

/** `now`: ms since 1970. */
export function detailLines({ member, admission, week, ways, ...reached }: MemberDetail, now: number): string[] {
  const { name, givenName, peerId, state, reason, role } = member;
  const ago = (time: string): string => `${duration(Math.max(0, now - Date.parse(time)))} ago`;
  return [
    `name       ${givenName === null ? name : `${givenName} (${name})`}${member.self ? ' (this node)' : ''}`,
    `id         ${peerId}`,
    `state      ${state}${reason === null ? '' : `: ${reason}`}`,
    `role       ${role}, ${admissionText({ admission })}`,
    `seen       ${member.lastSeenMs === null ? orUnknown(null) : `${duration(member.lastSeenMs)} ago`}`,
    `answers    ${member.unitsDone} units, ${share(member.agreement)} of those decided agree with the verdict`,
    `speed      ${rate(member.backtestsPerSecond)}`,
    ...(member.self ? [] : reachedLines(reached, now)),
    ...(week === null ? [] : weekLines(week)),
    ...(ways.length === 0
      ? []
      : [
          '',
          ...table(
            ['ADDRESS', 'HEARD OF', 'TRIED', 'CAME TO'],
            ways.map((way) => wayRow(way, ago)),
          ),
        ]),
  ];
}

function admissionText({ admission: { entry, at, by, invitedBy } }: Pick<MemberDetail, 'admission'>): string {
  const how =
    by === null
      ? 'the first member'
      : `let in by ${by.name}${invitedBy === null ? '' : `, with a ticket of ${invitedBy.name}`}`;
  return `since ${at}: ${how} (entry ${entry.slice(0, 16)})`;
}

function reachedLines(
  { connection, attempts, traffic }: Pick<MemberDetail, 'connection' | 'attempts' | 'traffic'>,
  now: number,
): string[] {
  const bytesText =
    traffic === null ? orUnknown(null) : `${bytes(traffic.in)} in, ${bytes(traffic.out)} out since ${traffic.since}`;
  return [`connected  ${connectionText({ connection, attempts }, now)}`, `traffic    ${bytesText}`];
}

function connectionText({ connection, attempts }: Pick<MemberDetail, 'connection' | 'attempts'>, now: number): string {
  if (connection !== null) {
    const { address, since, openedHere } = connection;
    return `${address}, since ${since}, opened by ${openedHere ? 'this node' : 'the other'}`;
  }
  if (attempts === null) return 'no';
  const { failed, nextAt, dialling } = attempts;
  const next =
    nextAt === null ? 'no address is known' : `the next one in ${duration(Math.max(0, Date.parse(nextAt) - now))}`;
  return `no; attempts that failed in a row: ${failed}; ${dialling ? 'one is under way' : next}`;
}

function wayRow({ address, heardAt, triedAt, problem, inUse }: WayView, ago: (time: string) => string): string[] {
  const came = inUse
    ? 'in use'
    : problem === null
      ? triedAt === null
        ? orUnknown(null)
        : 'led there'
      : `${problem.code}: ${problem.message}`;
  return [address, ago(heardAt), triedAt === null ? 'not yet' : ago(triedAt), came];
}

/** A line a day, a sign an hour: █ there, ▄ for a part of it, · not there, a space where nobody looked. */
function weekLines({ from, online, offline }: WeekView): string[] {
  const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);
  const sign = (i: number): string => {
    if (online[i]! + offline[i]! === 0) return ' ';
    return offline[i] === 0 ? '█' : online[i] === 0 ? '·' : '▄';
  };
  const days = Array.from({ length: online.length / DAY_HOURS }, (_, day) => {
    const start = new Date(Date.parse(from) + day * DAY_HOURS * HOUR_MS).toISOString().slice(0, 16);
    return `           ${start}Z |${Array.from({ length: DAY_HOURS }, (_, hour) => sign(day * DAY_HOURS + hour)).join('')}|`;
  });
  const [there, away] = [sum(online), sum(offline)];
  return [
    `seven days ${duration(there)} online, ${duration(away)} offline, ${duration(online.length * HOUR_MS - there - away)} unknown, as this node saw it`,
    ...days,
  ];
}
