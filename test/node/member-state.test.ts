// In which of seven states a member is: every combination of what ledger and presence can say.
import t from 'tap';
import { memberState } from '../../src/node/member-state.ts';
import type { Hex } from '../../src/protocol/bytes.ts';
import { MemberAnswer } from '../../src/ui/answers.ts';
import { en } from '../../src/ui/page/words/en.ts';

const gone = (how: 'left' | 'removed') => ({ how, entry: 'e' as Hex, by: 'ada' as Hex, time: 0 });
const nameOf = (key: Hex): string => key.toUpperCase();
const said = (state: 'working' | 'idle' | 'paused' | 'asleep', fresh: boolean, reason = 'Because.') => ({
  presence: { state, reason },
  fresh,
});

t.test('by its own fresh word, with its reason', async (t) => {
  for (const state of ['working', 'idle', 'paused', 'asleep'] as const)
    t.same(memberState({ gone: undefined, nameOf, news: said(state, true) }), { state, reason: 'Because.' });
  t.same(memberState({ gone: undefined, nameOf, news: said('working', true, '') }), { state: 'working', reason: null });
});

t.test('silent: away, unless it said that it sleeps', async (t) => {
  for (const state of ['working', 'idle', 'paused'] as const)
    t.same(memberState({ gone: undefined, nameOf, news: said(state, false) }), { state: 'away', reason: null }, state);
  t.same(memberState({ gone: undefined, nameOf, news: said('asleep', false) }), {
    state: 'asleep',
    reason: 'Because.',
  });
  t.match(memberState({ gone: undefined, nameOf, news: undefined }), { state: 'away', reason: /Not heard of/ });
});

t.test('the ledger stands above whatever it says itself', async (t) => {
  for (const news of [said('working', true), said('asleep', false), undefined]) {
    t.equal(memberState({ gone: gone('left'), nameOf, news }).state, 'left');
    t.same(memberState({ gone: gone('removed'), nameOf, news }), { state: 'blocked', reason: 'Removed by ADA.' });
  }
});

t.test('the page says the words of API and command line', async (t) => {
  const words = Object.entries(en).filter(([key]) => /^state[A-Z]/.test(key));
  const { options } = MemberAnswer.shape.state;
  t.equal(options.length, 7);
  for (const state of options) t.equal(new Map(words).get(`state${state[0]!.toUpperCase()}${state.slice(1)}`), state);
});
