// What page, API and command line refuse for a role, before anything is written: each command, for each role, once.
import '../../src/node/polyfill.ts';
import t, { type Test } from 'tap';
import { decodeTicket } from '../../src/protocol/ticket.ts';
import type { NodePort } from '../../src/ui/api.ts';
import { ROUTES } from '../../src/ui/routes.ts';
import { job } from '../ledger/support/people.ts';
import { homeOf, type Machine, machine } from './support/machine.ts';
import { until } from './support/worker.ts';

type Who = 'admin' | 'member' | 'worker';
const EVERYBODY: readonly Who[] = ['admin', 'member', 'worker'];

interface Mesh {
  people: Record<Who, Machine>;
  /** Job and ticket of the founder. */
  job: string;
  invite: string;
}

async function meshOf(t: Test): Promise<Mesh> {
  const home = homeOf(t);
  const founder = machine(t, home, 'founder');
  await founder.place.enter(undefined);
  const people = {} as Record<Who, Machine>;
  for (const role of EVERYBODY) {
    const { ticket } = await founder.port.invite({ role });
    people[role] = machine(t, home, role, { config: { mdns: true } });
    await people[role].place.enter(decodeTicket(ticket));
  }
  const { id } = await founder.session().ledger.append('job', job());
  const { inviteId } = await founder.port.invite({ uses: 9 });
  // Doors have to stand open for somebody, all through.
  await founder.port.invite({ uses: 9 });
  await until(
    'all know all',
    () =>
      EVERYBODY.every((role) => {
        const { members, jobs, invites } = people[role].session().ledger.state();
        return members.size === 4 && jobs.size === 1 && invites.size === 5;
      }),
    30_000,
  );
  return { people, job: id, invite: inviteId };
}

interface Row {
  /** The routes that do it. */
  route: string;
  run(port: NodePort, mesh: Mesh): unknown;
  may: readonly Who[];
}

/** Reading, and what concerns this machine alone, is everybody's. */
const TABLE: readonly Row[] = [
  { route: 'post /api/v1/jobs', run: (port) => port.createJob({ dataset: 'x' }), may: ['admin', 'member'] },
  {
    route: 'post /api/v1/jobs/:id/permutations',
    run: (port, mesh) => port.permuteJob(mesh.job, 3),
    may: ['admin', 'member'],
  },
  { route: 'patch /api/v1/jobs/:id', run: (port, mesh) => port.setJob(mesh.job, 'pause'), may: ['admin'] },
  { route: 'post /api/v1/invites', run: (port) => port.invite({}), may: ['admin'] },
  { route: 'post /api/v1/invites/:id/cancel', run: (port, mesh) => port.cancelInvite(mesh.invite), may: ['admin'] },
  { route: 'post /api/v1/pairing', run: (port) => port.openPairing({}), may: ['admin'] },
  { route: 'post /api/v1/pairing/close', run: (port) => port.closePairing(), may: EVERYBODY },
  { route: 'post /api/v1/pending/:id/admit', run: (port) => port.admit('nobody', {}), may: ['admin'] },
  { route: 'post /api/v1/pending/:id/refuse', run: (port) => port.refuse('nobody'), may: EVERYBODY },
  { route: 'post /api/v1/members/:id/revoke', run: (port) => port.revoke('founder', {}), may: ['admin'] },
  { route: 'post /api/v1/members/:id/rename', run: (port) => port.rename('founder', { name: 'x' }), may: EVERYBODY },
  { route: 'post /api/v1/members/:id/ping', run: (port) => port.ping('founder'), may: EVERYBODY },
  { route: 'post /api/v1/node/pause', run: (port) => port.pause({}), may: EVERYBODY },
  { route: 'post /api/v1/node/resume', run: (port) => port.resume(), may: EVERYBODY },
  { route: 'post /api/v1/node/finish', run: (port) => port.finish(), may: EVERYBODY },
  { route: 'patch /api/v1/limits', run: (port) => port.setLimits({ share: 50 }), may: EVERYBODY },
  { route: 'post /api/v1/join', run: (port) => port.join({ ticket: 'smesh1' }), may: EVERYBODY },
  { route: 'post /api/v1/ledger/verify', run: (port) => port.verifyLedger(), may: EVERYBODY },
  { route: 'post /api/v1/leave', run: (port) => port.leave(), may: EVERYBODY },
];
/** Files, the process and the page of this machine: no word of them reaches the mesh. */
const LOCAL =
  /^(post|patch|delete) \/api\/v1\/(datasets|downloads|node\/stop|results\/:id\/run|tokens|sign-ins|sessions|settings|recovery)/;

t.test('each command, for each role', { timeout: 120_000 }, async (t) => {
  const routes = ROUTES.filter(({ method }) => method !== 'get').map(({ method, path }) => `${method} ${path}`);
  const covered = new Set(TABLE.map(({ route }) => route));
  t.same(
    routes.filter((route) => !covered.has(route) && !LOCAL.test(route)),
    [],
    'no command is left out',
  );
  const mesh = await meshOf(t);
  for (const { route, run, may } of TABLE) {
    for (const role of EVERYBODY) {
      const entries = mesh.people[role].session().ledger.size();
      const code = await told(() => run(mesh.people[role].port, mesh));
      const should = may.includes(role);
      t.equal(code !== 'role', should, `${route}, on ${role}: ${should ? 'not refused for its role' : 'refused'}`);
      if (!should) t.equal(mesh.people[role].session().ledger.size(), entries, 'and nothing is written');
    }
  }
  for (const role of EVERYBODY) {
    const { port } = mesh.people[role];
    t.not(await told(() => port.invite({})), undefined, `${role}: who has left lets nobody in`);
    t.not(await told(() => port.openPairing({})), undefined);
    t.notOk(mesh.people[role].session().lobby.open, 'and its door is shut');
  }
});

/** The code of a refusal; undefined where there is none. */
async function told(run: () => unknown): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? 'failed';
  }
}
