// Verbs about the ledger; all of them ask the running node.
import { open } from 'node:fs/promises';
import type { EntryView, LedgerMoment, LedgerView, NodePort, Page, VerificationProgress } from '../../ui/api.ts';
import type { DisputesView } from '../../ui/api-ledger.ts';
import { type Client, connectClient } from '../cli/client.ts';
import { orUnknown, table } from '../cli/text.ts';
import { UsageError, type Verb, type VerbContext } from '../cli/verb.ts';
import { findText, findWhole } from './flags.ts';

const PAGE_MAX = 500;
const LOG_DEFAULT = 30;
const LOG_MAX = 10_000;

/** The ledger as it was when an entry was written. */
export const AT_OPTION: Verb['options'] = {
  at: { type: 'string', value: 'ENTRY', help: 'as it was when this entry was written, by the authors’ clocks' },
};

/** What the ledger said at `--at`, or undefined without that flag. Throws `bad_value`. */
export async function findMoment(context: VerbContext): Promise<LedgerMoment | undefined> {
  const at = findText(context, 'at');
  if (at === undefined) return undefined;
  if (!/^[0-9a-f]{6,64}$/.test(at)) {
    throw new UsageError('bad_value', `--at is an entry’s id or at least six digits of it, not "${at}"`, 'at');
  }
  return connectClient(context.dataDir).get<LedgerMoment>(`ledger/at/${at}`);
}

export function momentLines(moment: LedgerMoment): string[] {
  const { members, jobs } = moment;
  return [
    `moment     ${moment.at}, when entry ${moment.entry} was written`,
    `ledger     ${moment.entries} entries, root ${moment.root}`,
    `members    ${members.map(({ name, role }) => `${name} (${role})`).join(', ')}`,
    ...jobs.map(
      (job) =>
        `job        ${job.name}: ${job.validated} of ${job.units} validated, ${job.provisional} wait, ${job.disputed} disputed, ${job.failed} failed${job.action === null ? '' : ` (${job.action})`}`,
    ),
  ];
}

export const ledgerRootVerb: Verb = {
  name: 'ledger root',
  summary: 'the state root: equal on two nodes when they hold the same to be true',
  options: AT_OPTION,
  async run(context) {
    const moment = await findMoment(context);
    const ledger = moment ?? (await connectClient(context.dataDir).get<LedgerView>('ledger'));
    const { root, entries } = ledger;
    if (context.json) context.document('meshId' in ledger ? { root, entries, meshId: ledger.meshId } : moment);
    else context.print(root);
    return 0;
  },
};

export const ledgerLogVerb: Verb = {
  name: 'ledger log',
  summary: 'the last entries, newest first by the authors’ clocks',
  options: { last: { type: 'string', value: 'N', help: `how many (default ${LOG_DEFAULT})` } },
  async run(context) {
    const last = findWhole(context, 'last', 1, LOG_MAX) ?? LOG_DEFAULT;
    const items: EntryView[] = [];
    for await (const entry of allEntries(context, Math.min(last, PAGE_MAX))) {
      items.push(entry);
      if (items.length === last) break;
    }
    if (context.json) context.document({ items, next: null } satisfies Page<EntryView>);
    else
      for (const line of table(['TIME', 'BY', 'KIND', 'LOG', 'SEQ', 'COUNTS', 'ENTRY'], items.map(entryRow)))
        context.print(line);
    return 0;
  },
};

function entryRow(entry: EntryView): string[] {
  const { at, name, kind, log, seq, refused, id } = entry;
  return [
    at,
    orUnknown(name),
    kind,
    log.slice(0, 8),
    String(seq),
    refused === null ? 'yes' : `no: ${refused}`,
    id.slice(0, 16),
  ];
}

export const ledgerExportVerb: Verb = {
  name: 'ledger export',
  summary: 'write every entry that counts to a file, one JSON document a line, blocks in base64',
  positionals: ['<FILE>'],
  options: {},
  async run(context) {
    const path = context.positionals[0]!;
    const { meshId, root, entries } = await connectClient(context.dataDir).get<LedgerView>('ledger');
    const file = await openNew(path);
    let written = 0;
    try {
      await file.write(`${JSON.stringify({ format: 'stratmesh-ledger', version: 1, meshId, root })}\n`);
      for await (const entry of allEntries(context, PAGE_MAX)) {
        await file.write(`${JSON.stringify(entry)}\n`);
        written += 1;
        if (written % PAGE_MAX === 0) context.note(`${written} of ${entries} entries`, { transient: true });
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (context.json) context.document({ file: path, entries: written, meshId, root });
    else context.print(`Wrote ${written} entries to ${path}.`);
    return 0;
  },
};

/** Never over a file that is there. Throws `bad_file`. */
async function openNew(path: string) {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    throw new UsageError('bad_file', `${path} cannot be written: ${(error as Error).message}`, 'FILE');
  }
}

async function* allEntries(context: VerbContext, limit: number): AsyncGenerator<EntryView> {
  const client = connectClient(context.dataDir);
  for (let cursor = ''; ; ) {
    const page = await client.get<Page<EntryView>>(`ledger/entries?limit=${limit}${cursor}`);
    yield* page.items;
    if (page.next === null) return;
    cursor = `&cursor=${page.next}`;
  }
}

export const ledgerDisputesVerb: Verb = {
  name: 'ledger disputes',
  summary: 'units on which machines gave different answers, and in which figure they differ',
  options: {},
  async run(context) {
    const disputes = await connectClient(context.dataDir).get<DisputesView>('ledger/disputes');
    if (context.json) context.document(disputes);
    else for (const line of disputeLines(disputes)) context.print(line);
    return 0;
  },
};

function disputeLines({ open, failed, dropped, items }: DisputesView): string[] {
  return [
    `${open} open, ${failed} without a verdict; ${dropped} answers lost to a valid one.`,
    ...items.flatMap(({ jobName, index, state, answers, differs }) => [
      `${jobName}, unit ${index + 1}: ${state}`,
      ...answers.map(
        ({ answer, by, valid }) =>
          `  ${answer.slice(0, 16)}  ${by.map(({ name }) => name).join(', ')}${valid === true ? '  (valid)' : ''}`,
      ),
      ...(differs === null ? [] : [`  differs in ${differs.figure}: ${differs.values.map(orUnknown).join(' and ')}`]),
    ]),
  ];
}

export const ledgerVerifyVerb: Verb = {
  name: 'ledger verify',
  summary: 'check every signature and chain from scratch and derive the state again',
  options: {},
  async run(context) {
    const client = connectClient(context.dataDir);
    const looking = setInterval(() => void tellProgress(context, client), PROGRESS_MS);
    const report = await client
      .postPatiently<Awaited<ReturnType<NodePort['verifyLedger']>>>('ledger/verify', {})
      .finally(() => clearInterval(looking));
    if (context.json) context.document(report);
    else {
      context.print(
        `${report.entries} entries read. ${report.ok ? 'Every signature, chain and the state root hold.' : 'Faults:'}`,
      );
      for (const fault of report.faults) context.print(`  ${fault.entry}: ${fault.message}`);
      context.print(`root ${report.root}`);
    }
    return report.ok ? 0 : 1;
  },
};

const PROGRESS_MS = 500;
const BAR_CELLS = 30;

async function tellProgress(context: VerbContext, client: Client): Promise<void> {
  const { progress } = await client
    .get<{ progress: VerificationProgress | null }>('ledger/verification')
    .catch(() => ({ progress: null }));
  if (progress === null || progress.total === 0) return;
  const cells = Math.floor((BAR_CELLS * progress.entries) / progress.total);
  const bar = '█'.repeat(cells) + '░'.repeat(BAR_CELLS - cells);
  context.note(`${bar} ${progress.entries} of ${progress.total} entries`, { transient: true });
}
