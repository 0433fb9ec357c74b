// Verbs about this node and its mesh; all of them ask the running node.
import type { MemberView, NodeStatus, Page } from '../../ui/api.ts';
import type { PairingView } from '../../ui/api-members.ts';
import { connectClient } from '../cli/client.ts';
import { duration, orUnknown, percent, rate, share, table } from '../cli/text.ts';
import { UsageError, type Verb } from '../cli/verb.ts';
import { AT_OPTION, findMoment, momentLines } from './ledger.ts';
import { readMinutes, showPairing } from './pairing.ts';

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
    const client = connectClient(context.dataDir);
    const members = await client.all<MemberView>('members');
    if (context.json) context.document({ items: members, next: null } satisfies Page<MemberView>);
    else {
      const { root } = (await client.get<NodeStatus>('status')).ledger;
      const rows = members.map((member) => memberRow(member, root));
      for (const line of table(
        ['NAME', 'STATE', 'ROLE', 'UNITS', 'AGREE', 'RATE', 'SEEN', 'LEDGER', 'ID', 'WHY'],
        rows,
      ))
        context.print(line);
    }
    return 0;
  },
};

/** `root`: that of this node. Who showed the same when it was last heard holds the same ledger. */
function memberRow(member: MemberView, root: string): string[] {
  return [
    (member.givenName === null ? member.name : `${member.givenName} (${member.name})`) +
      (member.self ? ' (this node)' : ''),
    member.state,
    member.role,
    String(member.unitsDone),
    share(member.agreement),
    rate(member.backtestsPerSecond),
    member.lastSeenMs === null ? '—' : `${duration(member.lastSeenMs)} ago`,
    member.root === null ? '—' : member.root === root ? 'same' : 'other',
    member.peerId,
    member.reason ?? '',
  ];
}

export const joinVerb: Verb = {
  name: 'join',
  summary: 'bring the running node into the mesh that a ticket is for, or of the local network',
  positionals: ['[TICKET]'],
  options: {
    lan: {
      type: 'boolean',
      help: 'without a ticket: for a while, a mesh of the local network may let this machine in',
    },
    minutes: { type: 'string', value: 'N', help: 'for how long, with --lan (default: 10)' },
  },
  async run(context) {
    const [ticket] = context.positionals;
    const isLan = context.values.lan === true;
    if ((ticket === undefined) !== isLan) throw new UsageError('missing_argument', 'Give a ticket, or --lan.');
    const client = connectClient(context.dataDir);
    if (isLan) {
      const minutes = readMinutes(context, 'minutes');
      const pairing = await client.post<PairingView>('pairing', {
        as: 'guest',
        ...(minutes === undefined ? {} : { minutes }),
      });
      if (context.json) context.document(pairing);
      else showPairing(context, pairing);
      return 0;
    }
    const status = await client.post<NodeStatus>('join', { ticket });
    if (context.json) context.document(status);
    else context.print(`Joined “${status.meshName}”.`);
    return 0;
  },
};
