// Names that the owner of a machine gives to others: kept, made safe to show, taken away again.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openOwnNames } from '../../src/node/own-names.ts';

t.test('kept over a restart, by peer id', async (t) => {
  const directory = { path: t.testdir() };
  const names = openOwnNames(directory);
  t.equal(names.of('a'), null, 'nobody has one at first');
  t.equal(names.give('a', '  the attic '), 'the attic');
  names.give('b', 'café 🛋');
  const again = openOwnNames(directory);
  t.same([again.of('a'), again.of('b'), again.of('c')], ['the attic', 'café 🛋', null]);
  t.equal(again.give('a', '   '), null);
  t.same([again.of('a'), openOwnNames(directory).of('a'), openOwnNames(directory).of('b')], [null, null, 'café 🛋']);
});

t.test('no control characters, no turned text, no endless names', async (t) => {
  const names = openOwnNames({ path: t.testdir() });
  t.equal(names.give('a', '\u202eegral\u0007 <b>'), 'egral <b>');
  t.equal(names.give('a', '\u0000\u202e'), null, 'nothing is left');
  t.equal([...names.give('a', 'x'.repeat(500))!].length, 40);
});

t.test('a damaged file is an empty one; where none can be written, nothing has changed', async (t) => {
  const path = t.testdir();
  writeFileSync(join(path, 'names.json'), '{"a": "one", "b": 7, ');
  const names = openOwnNames({ path });
  t.equal(names.of('a'), null);
  writeFileSync(join(path, 'names.json'), '{"a": "one", "b": 7}');
  t.same([openOwnNames({ path }).of('a'), openOwnNames({ path }).of('b')], ['one', null]);
  names.give('c', 'three');
  t.same(JSON.parse(readFileSync(join(path, 'names.json'), 'utf8')), { c: 'three' });
  const nowhere = openOwnNames({ path: join(path, 'no', 'such') });
  t.throws(() => nowhere.give('a', 'x'));
  t.equal(nowhere.of('a'), null);
});
