// Verbs about this node and its mesh; all of them ask the running node.
import type { InviteView, MemberView, NodeStatus, Page } from '../../ui/api.ts';
import { connectClient } from '../cli/client.ts';
import { duration, orUnknown, percent, rate, share, table } from '../cli/text.ts';
import { UsageError, type Verb } from '../cli/verb.ts';
import { findNumber } from './flags.ts';
import { AT_OPTION, findMoment, momentLines } from './ledger.ts';

export const statusVerb: Verb = {
  name: 'status',
  summary: 'this node and the mesh in one screen',
  options: AT_OPTION,
  async run(context) {
    const moment = await findMoment(context);
    if (moment !== undefined) {
      if (context.json) context.document(moment);
      else for (const line of momentLines(moment)) context.print(line);
      return 0;
    }
    const client = connectClient(context.dataDir);
    const status = await client.get<NodeStatus>('status');
    if (context.json) context.document(status);
    else for (const line of statusLines(status)) context.print(line);
    return 0;
  },
};

function statusLines(status: NodeStatus): string[] {
  const { unit, ledger, mesh, threads } = status;
  const working =
    unit === null
      ? []
      : [
          `unit       ${unit.index + 1} on ${unit.market}, generation ${unit.generation} of ${unit.generations}, ${duration(unit.remainingMs)} left, best in sample ${percent(unit.bestInSample)} after fees`,
        ];
  return [
    `node       ${status.name}  ${status.peerId}`,
    `mesh       ${orUnknown(status.meshName)}  ${orUnknown(status.meshId)}`,
    `mode       ${status.mode}${status.reason === null ? '' : `: ${status.reason}`}`,
    ...working,
    `threads    ${threads.used} of ${threads.total} busy, ${rate(status.backtestsPerSecond)}, ${status.backtestsTotal} backtests since the start`,
    `answers    ${status.unitsDone} units, ${share(status.agreement)} of those decided agree with the verdict`,
    `members    ${mesh.members}, ${mesh.connected} connected`,
    `ledger     ${ledger.entries} entries, ${ledger.state}, root ${orUnknown(ledger.root)}, ${ledger.peersAtRoot} of ${ledger.peersKnown} peers have the same`,
    `engine     ${status.fingerprint}`,
    ...status.problems.map((problem) => `problem    ${problem.message}`),
  ];
}

export const membersVerb: Verb = {
  name: 'members',
  summary: 'all members of the mesh and what they do',
  options: {},
  async run(context) {
    const members = await connectClient(context.dataDir).all<MemberView>('members');
    if (context.json) context.document({ items: members, next: null } satisfies Page<MemberView>);
    else
      for (const line of table(
        ['NAME', 'STATE', 'ROLE', 'UNITS', 'AGREE', 'RATE', 'SEEN', 'ID', 'WHY'],
        members.map(memberRow),
      ))
        context.print(line);
    return 0;
  },
};

function memberRow(member: MemberView): string[] {
  return [
    member.name + (member.self ? ' (this node)' : ''),
    member.state,
    member.role,
    String(member.unitsDone),
    share(member.agreement),
    rate(member.backtestsPerSecond),
    member.lastSeenMs === null ? '—' : `${duration(member.lastSeenMs)} ago`,
    member.peerId,
    member.reason ?? '',
  ];
}

/** A minute or so, and thirty days. */
const HOURS_MIN = 0.02;
const HOURS_MAX = 720;

export const inviteVerb: Verb = {
  name: 'invite',
  summary: 'make a ticket that lets other machines in',
  options: {
    role: { type: 'string', value: 'ROLE', help: 'admin, member or worker (default: member)' },
    uses: { type: 'string', value: 'N', help: 'how many machines it lets in (default: 1)' },
    expires: { type: 'string', value: 'HOURS', help: 'how long it is good for (default: 24)' },
  },
  async run(context) {
    const { role, uses, expires } = context.values;
    const hours = findNumber(context, 'expires') ?? 24;
    if (!(hours >= HOURS_MIN && hours <= HOURS_MAX)) {
      const message = `--expires is a number of hours from ${HOURS_MIN} to ${HOURS_MAX}, not ${hours}`;
      throw new UsageError('out_of_range', message, 'expires');
    }
    const invite = await connectClient(context.dataDir).post<InviteView>('invites', {
      ...(role === undefined ? {} : { role }),
      ...(uses === undefined ? {} : { uses: findNumber(context, 'uses') }),
      ...(expires === undefined ? {} : { expiresInMs: Math.round(hours * 3_600_000) }),
    });
    if (context.json) context.document(invite);
    else {
      context.print(invite.ticket);
      context.note(
        `Good for ${invite.uses} machine(s) until ${invite.expiresAt}. On the other machine: node dist/node.js --join TICKET`,
      );
    }
    return 0;
  },
};

export const joinVerb: Verb = {
  name: 'join',
  summary: 'bring the running node into the mesh that a ticket is for',
  positionals: ['<TICKET>'],
  options: {},
  async run(context) {
    const status = await connectClient(context.dataDir).post<NodeStatus>('join', { ticket: context.positionals[0] });
    if (context.json) context.document(status);
    else context.print(`Joined “${status.meshName}”.`);
    return 0;
  },
};
