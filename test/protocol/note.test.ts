// What is noted on an object, and that nobody else sees it.
import t from 'tap';
import { notesOn } from '../../src/protocol/note.ts';

t.test('a note is of its kind and of its object', async (t) => {
  const [names, ages] = [notesOn<object, string>(), notesOn<object, number>()];
  const [one, list] = [{ a: 1 }, [1, 2]];
  t.equal(names.get(one), undefined);
  names.set(one, 'one');
  names.set(list, 'list');
  ages.set(one, 7);
  t.strictSame([names.get(one), names.get(list), ages.get(one), ages.get(list)], ['one', 'list', 7, undefined]);
  names.set(one, 'another');
  t.equal(names.get(one), 'another');
  t.equal(ages.get(one), 7);
});

t.test('the object looks as before, frozen or not', async (t) => {
  const notes = notesOn<object, string>();
  const frozen = Object.freeze({ a: 1 });
  const open = { a: 1 };
  for (const object of [frozen, open]) notes.set(object, 'x');
  t.equal(notes.get(frozen), 'x');
  for (const object of [frozen, open])
    t.strictSame([Reflect.ownKeys(object), JSON.stringify(object)], [['a'], '{"a":1}']);
  t.equal(notes.get({ ...open }), undefined, 'a copy has none');
  t.equal(notes.get(structuredClone(open)), undefined);
});
