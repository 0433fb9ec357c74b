// The recovery phrase: words for a key and back, shown once, and what is said by it.
import '../../src/node/polyfill.ts';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadSecret } from '../../src/node/data-directory.ts';
import { openRecovery, phraseOf, seedOfPhrase, showPhrase } from '../../src/node/recovery.ts';
import { createSigner } from '../../src/protocol/keys.ts';
import { decodeTicket } from '../../src/protocol/ticket.ts';
import { homeOf, type Machine, machine } from './support/machine.ts';
import { until } from './support/worker.ts';

const filled = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

t.test('words and key: the published examples of BIP-39 for 256 bits', async (t) => {
  const legal = 'legal winner thank year wave sausage worth useful '
    .repeat(3)
    .trim()
    .replace(/useful$/, 'title');
  for (const [byte, words] of [
    [0x00, `${'abandon '.repeat(23)}art`],
    [0x7f, legal],
    [0xff, `${'zoo '.repeat(23)}vote`],
  ] as const) {
    t.equal(phraseOf(filled(byte)), words);
    t.same(seedOfPhrase(`\n  ${words.toUpperCase().replaceAll(' ', ' \n ')} `), filled(byte));
  }
  for (let i = 0; i < 50; i += 1) {
    const seed = new Uint8Array(randomBytes(32));
    t.same(seedOfPhrase(phraseOf(seed)), seed);
  }
});

t.test('words that are none, too few, or in another order', async (t) => {
  const words = phraseOf(filled(0x7f)).split(' ');
  const [first, second, ...rest] = words;
  for (const wrong of [
    '',
    words.slice(1).join(' '),
    [...words, 'zoo'].join(' '),
    ['legall', ...words.slice(1)].join(' '),
    [second, first, ...rest].join(' '),
  ]) {
    t.throws(() => seedOfPhrase(wrong), { code: 'bad_phrase' }, wrong);
  }
});

t.test('it is shown once, and not lost when it cannot be shown', async (t) => {
  const dataDir = t.testdir();
  t.throws(() => showPhrase(dataDir, () => t.fail('nothing to show')), { code: 'recovery_shown' });
  writeFileSync(join(dataDir, 'recovery.key'), 'ff'.repeat(32));
  t.throws(() => {
    showPhrase(dataDir, () => {
      throw new Error('no paper');
    });
  }, /no paper/);
  const shown: string[] = [];
  showPhrase(dataDir, (phrase) => shown.push(phrase));
  t.same(shown, [`${'zoo '.repeat(23)}vote`]);
  t.notOk(existsSync(join(dataDir, 'recovery.key')));
  t.throws(() => showPhrase(dataDir, () => t.fail('twice')), { code: 'recovery_shown' });
  writeFileSync(join(dataDir, 'recovery.key'), 'ff');
  t.throws(() => showPhrase(dataDir, () => t.fail('damaged')), { code: 'data_dir_unusable' });
  t.ok(existsSync(join(dataDir, 'recovery.key')));
});

t.test('in two steps on the page: the key stays until its words come back', async (t) => {
  const dataDir = t.testdir();
  const root = { key: createSigner(filled(0x7f)).publicKey as Uint8Array | undefined };
  const recovery = openRecovery(dataDir, () => root.key);
  const file = join(dataDir, 'recovery.key');
  t.same(recovery.recovery(), { state: 'gone' });
  t.throws(() => recovery.showRecovery(), { code: 'recovery_shown', status: 409 });
  t.notOk(existsSync(file), 'looking for a key makes none');
  writeFileSync(file, '7f'.repeat(32));
  t.same(recovery.recovery(), { state: 'here' });
  const { words } = recovery.showRecovery();
  t.equal(words.join(' '), phraseOf(filled(0x7f)));
  t.ok(existsSync(file), 'a page that closes now loses nothing');
  t.throws(() => recovery.forgetRecovery(words.slice(1).join(' ')), { code: 'bad_phrase', field: 'phrase' });
  t.throws(() => recovery.forgetRecovery(phraseOf(filled(1))), { code: 'wrong_phrase', field: 'phrase' });
  t.ok(existsSync(file), 'other words take nothing away');
  root.key = createSigner(filled(1)).publicKey;
  t.same(recovery.recovery(), { state: 'other' }, 'this machine is in another mesh by now');
  root.key = undefined;
  t.same(recovery.recovery(), { state: 'other' }, 'or in none yet');
  t.same(recovery.forgetRecovery(words.join('  ').toUpperCase()), { state: 'gone' });
  t.notOk(existsSync(file));
  t.throws(() => recovery.forgetRecovery(words.join(' ')), { code: 'recovery_shown' });
});

t.test('the founder’s machine is stolen: the phrase removes it on any machine, and makes a new admin', async (t) => {
  const home = homeOf(t);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => machine(t, home, name)) as [Machine, Machine, Machine];
  await a.place.enter(undefined);
  const phrase = phraseOf(loadSecret(a.directory, 'recovery.key'));
  await b.place.enter(decodeTicket((await a.port.invite({})).ticket));
  await until('b is in', () => b.session().ledger.state().members.size === 2, 30_000);

  await t.rejects(b.port.revoke('a', {}), { code: 'role' });
  const other = phraseOf(filled(1));
  await t.rejects(b.port.revoke('a', { phrase: other }), { code: 'wrong_phrase', field: 'phrase' });
  await t.rejects(b.port.invite({ phrase: 'not so many words' }), { code: 'bad_phrase', field: 'phrase' });
  t.match(await b.port.revoke('a', { phrase }), { name: 'a', discarded: 0 });
  t.equal(b.port.members().find(({ peerId }) => peerId === a.peerId)?.state, 'blocked');

  await t.rejects(b.port.invite({ role: 'admin' }), { code: 'role' });
  const { ticket } = await b.port.invite({ role: 'admin', phrase });
  t.match(b.port.openInvites(), [{ role: 'admin', usesLeft: 1, issuer: 'the recovery phrase' }]);
  await c.place.enter(decodeTicket(ticket));
  await until('c is in', () => c.place.session?.ledger.state().members.size === 3, 30_000);
  t.match(
    c.port.members().find(({ self }) => self),
    { role: 'admin' },
  );
  t.ok((await c.port.invite({})).ticket, 'and invites in its turn');
  await t.rejects(c.port.revoke('b', {}), { code: 'not_above' }, 'b came by a, not by c');
  t.equal((await b.port.verifyLedger()).ok, true);
});
