// The route table: each route once, with the schema that validates what comes in, the schema that describes what goes
// out, and what it does. Handlers are functions of plain values; they know no HTTP.
import type { z } from 'zod';
import {
  AdmittedAnswer,
  DatasetAnswer,
  EntryAnswer,
  InviteAnswer,
  JobAnswer,
  LedgerAnswer,
  LeftAnswer,
  LimitsAnswer,
  MemberAnswer,
  MomentAnswer,
  OpenInviteAnswer,
  PairingAnswer,
  pageOf,
  ResultAnswer,
  RevokedAnswer,
  SnapshotReply,
  StatusAnswer,
  StoppingAnswer,
  UnitAnswer,
  VerificationAnswer,
  VerifyAnswer,
} from './answers.ts';
import { MemberDetailAnswer, PingAnswer, RenamedAnswer } from './answers-care.ts';
import { ExportAnswer, PreviewAnswer } from './answers-data.ts';
import { type Page, RequestError } from './api.ts';
import {
  AdmitBody,
  CreateJobBody,
  EmptyBody,
  ExportQuery,
  IdPath,
  ImportBody,
  InviteBody,
  JoinBody,
  LimitsBody,
  ListQuery,
  NoQuery,
  PairingBody,
  PauseBody,
  PreviewBody,
  RenameBody,
  ResultsQuery,
  RevokeBody,
  SetJobBody,
  UnitsQuery,
} from './inputs.ts';
import { type Route, read, readOne, write } from './route.ts';
import { CARE_ROUTES } from './routes-care.ts';
import { DETAIL_ROUTES } from './routes-detail.ts';

/** A page of a list: what follows the item that the cursor names. */
function pageBy<T>(
  items: T[],
  idOf: (item: T) => string,
  query: { limit: number; cursor?: string | undefined },
): Page<T> {
  let start = 0;
  if (query.cursor !== undefined) {
    start = items.findIndex((item) => idOf(item) === query.cursor) + 1;
    if (start === 0)
      throw new RequestError('unknown_cursor', 'The cursor names nothing in this list.', { field: 'cursor' });
  }
  const page = items.slice(start, start + query.limit);
  const last = page.at(-1);
  const more = start + page.length < items.length;
  return { items: page, next: more && last !== undefined ? idOf(last) : null };
}

const byId = (item: { id: string }): string => item.id;

const READS: readonly Route[] = [
  read('/api/v1/status', 'This node at the moment', NoQuery, StatusAnswer, ({ node }) => node.status()),
  read(
    '/api/v1/snapshot',
    'Everything the Overview shows, and the revision to follow from',
    NoQuery,
    SnapshotReply,
    ({ hub }) => hub.snapshot(),
  ),
  read('/api/v1/members', 'Members of the mesh', ListQuery, pageOf(MemberAnswer), ({ node }, query) =>
    pageBy(node.members(), (member) => member.peerId, query),
  ),
  readOne(
    '/api/v1/members/:id',
    'One member: how it is reached from here, when it was there, how it came in',
    IdPath,
    MemberDetailAnswer,
    ({ node }, { id }) => node.memberDetail(id),
  ),
  read('/api/v1/jobs', 'Jobs', ListQuery, pageOf(JobAnswer), ({ node }, query) => pageBy(node.jobs(), byId, query)),
  read('/api/v1/units', 'Work units, of one job or of all', UnitsQuery, pageOf(UnitAnswer), ({ node }, query) =>
    pageBy(node.units({ job: query.job }), byId, query),
  ),
  read(
    '/api/v1/results',
    'Strategies found, best out of sample first',
    ResultsQuery,
    pageOf(ResultAnswer),
    ({ node }, query) => pageBy(node.results({ job: query.job, state: query.state }), byId, query),
  ),
  {
    ...read('/api/v1/results/:id', 'One strategy', NoQuery, ResultAnswer, () => undefined),
    params: IdPath,
    run: ({ node }, input) => {
      const result = node.result((input.params as z.output<typeof IdPath>).id);
      if (result === undefined)
        throw new RequestError('unknown_result', 'No such result on this node.', { status: 404 });
      return result;
    },
  },
  {
    ...read('/api/v1/results/:id/export', 'One strategy in another form', ExportQuery, ExportAnswer, () => undefined),
    params: IdPath,
    run: ({ node }, { params, query }) =>
      node.exportResult((params as z.output<typeof IdPath>).id, query as z.output<typeof ExportQuery>),
  },
  read('/api/v1/datasets', 'Candles that this node holds', ListQuery, pageOf(DatasetAnswer), ({ node }, query) =>
    pageBy(node.datasets(), (dataset) => dataset.hash, query),
  ),
  read(
    '/api/v1/invites',
    'Tickets that still let somebody in',
    ListQuery,
    pageOf(OpenInviteAnswer),
    ({ node }, query) => pageBy(node.openInvites(), (invite) => invite.inviteId, query),
  ),
  read(
    '/api/v1/pairing',
    'Machines of the local network, with the digits to compare',
    NoQuery,
    PairingAnswer,
    ({ node }) => node.pairing(),
  ),
  read('/api/v1/limits', 'What this machine is allowed, and why it works or not', NoQuery, LimitsAnswer, ({ node }) =>
    node.limits(),
  ),
  read('/api/v1/ledger', 'The ledger of the mesh', NoQuery, LedgerAnswer, ({ node }) => node.ledger()),
  read('/api/v1/ledger/verification', 'How far its verification has come', NoQuery, VerificationAnswer, ({ node }) => ({
    progress: node.verification(),
  })),
  read('/api/v1/ledger/entries', 'Its entries, newest first', ListQuery, pageOf(EntryAnswer), ({ node }, query) =>
    node.entries(query),
  ),
  {
    ...read('/api/v1/ledger/at/:id', 'What it said when an entry was written', NoQuery, MomentAnswer, () => undefined),
    params: IdPath,
    run: ({ node }, input) => node.ledgerAt((input.params as z.output<typeof IdPath>).id),
  },
];

const WRITES: readonly Route[] = [
  {
    ...write('/api/v1/jobs', 'Creates a job for the whole mesh', CreateJobBody, JobAnswer, ({ node }, body) =>
      node.createJob(body),
    ),
    status: 201,
  },
  {
    ...write('/api/v1/jobs/:id', 'Pauses, resumes or stops a job', SetJobBody, JobAnswer, () => undefined),
    method: 'patch',
    params: IdPath,
    run: ({ node }, input) => {
      const { id } = input.params as z.output<typeof IdPath>;
      return node.setJob(id, (input.body as z.output<typeof SetJobBody>).action);
    },
  },
  write('/api/v1/node/pause', 'Pauses the work of this node', PauseBody, StatusAnswer, ({ node }, body) =>
    node.pause(body),
  ),
  write('/api/v1/node/resume', 'Resumes the work of this node', EmptyBody, StatusAnswer, ({ node }) => node.resume()),
  write('/api/v1/node/finish', 'Ends the unit under way, then pauses', EmptyBody, StatusAnswer, ({ node }) =>
    node.finish(),
  ),
  {
    ...write('/api/v1/limits', 'Changes what this machine is allowed', LimitsBody, LimitsAnswer, ({ node }, body) =>
      node.setLimits(body),
    ),
    method: 'patch',
  },
  {
    ...write('/api/v1/node/stop', 'Ends this node', EmptyBody, StoppingAnswer, () => ({ stopping: true })),
    status: 202,
    afterAnswer: ({ node }) => node.stop(),
  },
  {
    ...write('/api/v1/invites', 'Makes a ticket that lets a machine in', InviteBody, InviteAnswer, ({ node }, body) =>
      node.invite(body),
    ),
    status: 201,
  },
  {
    ...write('/api/v1/invites/:id/cancel', 'Takes a ticket back', EmptyBody, OpenInviteAnswer, () => undefined),
    params: IdPath,
    run: ({ node }, input) => node.cancelInvite((input.params as z.output<typeof IdPath>).id),
  },
  write('/api/v1/pairing', 'Opens the local network for a while', PairingBody, PairingAnswer, ({ node }, body) =>
    node.openPairing(body),
  ),
  write('/api/v1/pairing/close', 'Closes it', EmptyBody, PairingAnswer, ({ node }) => node.closePairing()),
  {
    ...write(
      '/api/v1/pending/:id/admit',
      'Lets in a machine of the local network',
      AdmitBody,
      AdmittedAnswer,
      () => undefined,
    ),
    params: IdPath,
    run: ({ node }, { params, body }) =>
      node.admit((params as z.output<typeof IdPath>).id, body as z.output<typeof AdmitBody>),
  },
  {
    ...write(
      '/api/v1/pending/:id/refuse',
      'Turns such a machine away until another window opens',
      EmptyBody,
      PairingAnswer,
      () => undefined,
    ),
    params: IdPath,
    run: ({ node }, { params }) => node.refuse((params as z.output<typeof IdPath>).id),
  },
  {
    ...write(
      '/api/v1/members/:id/rename',
      'What this node calls a member, here only; nothing takes the name away',
      RenameBody,
      RenamedAnswer,
      () => undefined,
    ),
    params: IdPath,
    run: ({ node }, { params, body }) =>
      node.rename((params as z.output<typeof IdPath>).id, body as z.output<typeof RenameBody>),
  },
  {
    ...write(
      '/api/v1/members/:id/ping',
      'Measures the way to a member and back, now',
      EmptyBody,
      PingAnswer,
      () => undefined,
    ),
    params: IdPath,
    run: ({ node }, { params }) => node.ping((params as z.output<typeof IdPath>).id),
  },
  {
    ...write('/api/v1/members/:id/revoke', 'Removes a member for good', RevokeBody, RevokedAnswer, () => undefined),
    params: IdPath,
    run: ({ node }, { params, body }) =>
      node.revoke((params as z.output<typeof IdPath>).id, body as z.output<typeof RevokeBody>),
  },
  write('/api/v1/leave', 'Takes this node out of its mesh for good', EmptyBody, LeftAnswer, ({ node }) => node.leave()),
  write('/api/v1/join', 'Joins the mesh of a ticket', JoinBody, StatusAnswer, ({ node }, body) => node.join(body)),
  {
    ...write(
      '/api/v1/datasets/import',
      'Takes in candles of a file on this machine',
      ImportBody,
      DatasetAnswer,
      ({ node }, body) => node.importData(body),
    ),
    status: 201,
  },
  write(
    '/api/v1/datasets/preview',
    'How a file on this machine would be taken; stores nothing',
    PreviewBody,
    PreviewAnswer,
    ({ node }, body) => node.previewData(body),
  ),
  {
    ...write('/api/v1/datasets/sample', 'Makes the sample candles', EmptyBody, DatasetAnswer, ({ node }) =>
      node.sampleData(),
    ),
    status: 201,
  },
  write('/api/v1/ledger/verify', 'Verifies the whole ledger from scratch', EmptyBody, VerifyAnswer, ({ node }) =>
    node.verifyLedger(),
  ),
];

export const ROUTES: readonly Route[] = [...READS, ...DETAIL_ROUTES, ...WRITES, ...CARE_ROUTES];
