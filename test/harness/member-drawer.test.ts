// The drawer of a machine on two real nodes: connected, then killed. It names the address that was tried, and that the
// connection was refused; what it carried, and that somebody let it in, stay.
import t from 'tap';
import type { MemberDetail } from '../../src/ui/api-members.ts';
import { TestHome, until } from '../support/nodes.ts';
import { violations } from '../ui/barriers.ts';
import { launch, noBrowser, reads, visit } from '../ui/browser.ts';

t.test('a machine that is killed', { skip: noBrowser, timeout: 0 }, async (t) => {
  const home = new TestHome();
  t.teardown(() => home.close());
  const [one, two] = [home.node('one'), home.node('two')];
  await one.start();
  const { ticket } = await one.invite(1);
  const bootstrap = home.bootstrapFile('bootstrap.json', { ticket, peers: one.ready.mesh });
  await two.start({ bootstrap });
  const detail = (): Promise<MemberDetail> => one.get(`members/${two.ready.peerId}`);
  await until('they are connected', async () => (await detail().catch(() => undefined))?.connection ?? undefined);
  const address = two.ready.mesh[0]!.split('/p2p/')[0]!;
  const browser = await launch();
  t.teardown(() => browser.close());
  const { page, faults } = await visit(browser, new URL(`/peers/${two.ready.peerId}`, one.ready.ui).href);
  await reads(
    page,
    '.panel-peer',
    /Let in by\s*one, with a ticket of one[\s\S]*opened by (this node|the other)/,
    60_000,
  );
  await reads(page, '.panel-peer', /Carried\s*[\d,.]+\s(k|M)?B in, [\d,.]+\s(k|M)?B out/, 60_000);
  const { traffic } = await detail();

  await two.kill();
  const escaped = address.replaceAll('.', '\\.');
  const refused = new RegExp(`${escaped}[\\s\\S]*connection refused: nothing listens there`);
  await reads(page, '.panel-peer', refused, 60_000);
  await reads(
    page,
    '.panel-peer',
    /Connection\s*none[\s\S]*Attempts\s*(one failed|\d+ failed in a row) · (the next in|one is under way)/,
  );
  const after = await detail();
  t.ok(after.traffic!.in >= traffic!.in && after.traffic!.out >= traffic!.out, 'what it carried is not forgotten');
  const said = await one.command<MemberDetail>('member', 'show', 'two');
  t.match(said.ways, [{ address, problem: { code: 'connection_refused' }, inUse: false }]);
  t.same(await violations(page), []);

  await two.start({ bootstrap });
  await reads(page, '.panel-peer', /opened by (this node|the other)/, 120_000);
  t.same((await detail()).attempts, null, 'back, and the ladder is at its foot');
  t.ok((await detail()).traffic!.in > after.traffic!.in, 'the new connection goes on counting');
  t.same(faults, []);
});
