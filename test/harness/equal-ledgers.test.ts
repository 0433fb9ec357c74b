// What it costs to find out that two ledgers are equal, in the frames that `/stratmesh/sync/1` carries.
import t from 'tap';
import { answerSync, pullFrom } from '../../src/ledger/sync.ts';
import { encode } from '../../src/protocol/bytes.ts';
import { decodeSyncReply, decodeSyncRequest } from '../../src/protocol/messages.ts';
import { MESH } from '../ledger/support/history.ts';
import { feed, joinPeople } from '../ledger/support/ledgers.ts';
import { scribe } from '../ledger/support/people.ts';

const LOGS = 100;
const BYTES_MAX = 5000;
/** Before each frame stands its length, which takes three bytes at most. */
const PREFIX_BYTES = 3;

t.test(`equal ledgers of ${LOGS} logs: one question, one answer`, async (t) => {
  const logs = Array.from({ length: LOGS }, (_, i) => ['a', 'b'].map(scribeOf(i)));
  const [mine, theirs] = await Promise.all([joinPeople('bob'), joinPeople('cy')]);
  for (const { ledger } of [mine, theirs]) await feed(ledger, logs);
  let asked = 0;
  let bytes = 0;
  const pulled = await pullFrom(mine.ledger, async (request) => {
    const question = encode(request);
    const answer = encode(answerSync(theirs.ledger, decodeSyncRequest(question)));
    asked += 1;
    bytes += question.length + answer.length + 2 * PREFIX_BYTES;
    return decodeSyncReply(answer);
  });
  t.ok([...mine.ledger.logs()].length >= LOGS, 'as many logs as that');
  t.equal(pulled, 0);
  t.equal(asked, 1, 'one round trip');
  t.ok(bytes <= BYTES_MAX, `${bytes} bytes`);
});

function scribeOf(i: number): (text: string) => ReturnType<ReturnType<typeof scribe>> {
  const write = scribe(MESH, 'bob', String(i));
  return (text) => write('note', text);
}
