// Nonces and digits: what two machines see is the same, and nobody at either end, or between, can choose it.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { BEGINNINGS_MAX, PairingBook } from '../../src/node/pairing-book.ts';
import { sha256, utf8 } from '../../src/protocol/bytes.ts';
import { commitmentTo, commitsFirst, digitsOf } from '../../src/protocol/pairing.ts';

const seed = Number(process.env.STRATMESH_SEED ?? Math.floor(Math.random() * 2 ** 31));
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const key = (name: string): Uint8Array => sha256(utf8(name));

/** Two machines, the one that commits first. */
function two(names: readonly [string, string] = ['a', 'b']) {
  const keys = names.map(key).sort((a, b) => (commitsFirst(a, b) ? -1 : 1)) as [Uint8Array, Uint8Array];
  const [low, high] = keys;
  return { low, high, books: keys.map((each) => new PairingBook(each, random)) as [PairingBook, PairingBook] };
}

function meet({ low, high, books: [committing, answering] }: ReturnType<typeof two>): void {
  const commitment = committing.commit(high);
  const nonce = committing.reveal(high, answering.answer(low, commitment));
  answering.open(low, nonce);
}

t.test(`both see the same six digits, and keep them however often they meet (seed ${seed})`, async (t) => {
  const names = fc.tuple(fc.string(), fc.string()).filter(([a, b]) => a !== b);
  fc.assert(
    fc.property(names, (pair) => {
      const machines = two(pair);
      const { low, high, books } = machines;
      meet(machines);
      const digits = books[0].digits(high);
      meet(machines);
      return /^\d{6}$/.test(digits!) && books[1].digits(low) === digits && books[0].digits(high) === digits;
    }),
    { seed },
  );
  const { high, books } = two();
  t.equal(books[0].digits(high), undefined, 'none before they have met');
  const seen = new Set<string>();
  for (let n = 0; n < 300; n += 1) {
    const machines = two();
    meet(machines);
    seen.add(machines.books[0].digits(high)!);
  }
  t.ok(seen.size > 290, 'others each time that it begins anew');
});

t.test('each of the four parts makes other digits', async (t) => {
  const parts = [key('a'), key('b'), key('c'), key('d')] as const;
  const of = ([a, b, c, d]: readonly Uint8Array[]): string => digitsOf([a!, b!], [c!, d!]);
  for (const i of parts.keys()) t.not(of(parts), of(parts.with(i, key('e'))), `part ${i}`);
  // sha-256 of the text and 'a', 'c', 'b', 'd' hashed, its first eight bytes modulo a million, by another program (Python).
  t.equal(of(parts), '756431');
});

t.test('somebody between two machines gets one try', async (t) => {
  const { low, high, books } = two();
  const [committing, answering] = books;
  // It answers in the place of `high`, sees the nonce of `low`, and would now look for a better one of its own.
  const first = random(32);
  committing.commit(high);
  const shown = committing.reveal(high, first);
  t.same(committing.reveal(high, first), shown, 'the same again is what a lost answer asks for');
  t.throws(() => committing.reveal(high, random(32)), { code: 'changed' });
  const again = committing.reveal(high, random(32));
  t.notSame(again, shown, 'another nonce meets another nonce');

  // It commits in the place of `low`, sees the nonce of `high`, and would now show another one.
  const nonce = random(32);
  const answered = answering.answer(low, commitmentTo(low, high, nonce));
  t.throws(() => answering.open(low, random(32)), { code: 'bad_commitment' });
  t.equal(answering.digits(low), undefined, 'nothing is shown for that');
  t.notSame(answering.answer(low, commitmentTo(low, high, random(32))), answered, 'who commits anew is answered anew');
  t.throws(() => answering.open(low, nonce), { code: 'bad_commitment' }, 'and the old one counts no more');
});

t.test('and as many tries as a window has beginnings, whether they come to an end or not', async (t) => {
  const { low, books } = two();
  const [, answering] = books;
  for (let n = 0; n < BEGINNINGS_MAX; n += 1) answering.answer(low, random(32));
  t.ok(answering.isFull);
  t.throws(() => answering.answer(low, random(32)), { code: 'too_many' });
  t.throws(() => answering.answer(key('somebody else'), random(32)), { code: 'too_many' });
  answering.clear();
  t.ok(answering.answer(low, random(32)), 'another window begins anew');
});
