// Seven days of who was there: by the hour, on clocks of the test's own, in a file that stays small and may be damaged.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { AttendanceBook, type AttendanceDeps, keepAttendance } from '../../src/node/attendance.ts';
import { createEvents } from '../../src/node/events.ts';
import { fakeTimers } from './support/fake-timers.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** The beginning of an hour. */
const NOON = Date.UTC(2026, 10, 22, 12);
const here = (isOnline: boolean) => new Map([['m', isOnline]]);
const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);

t.test('hours, the last one that of now', async (t) => {
  const book = new AttendanceBook();
  book.note(NOON + 10 * MINUTE, 30 * MINUTE, here(true));
  book.note(NOON + 25 * MINUTE, 15 * MINUTE, here(false));
  const { from, online, offline } = book.week('m', NOON + 25 * MINUTE);
  t.equal(from, '2026-11-15T13:00:00.000Z');
  t.same([online.length, offline.length], [168, 168]);
  t.same(online.slice(-3), [0, 20 * MINUTE, 10 * MINUTE], 'what lies across the hour counts for both');
  t.same(offline.slice(-3), [0, 0, 15 * MINUTE]);
  t.equal(sum(online) + sum(offline), 45 * MINUTE, 'the rest is unknown');
  const later = book.week('m', NOON + 2 * HOUR);
  t.same(later.online.slice(-4), [20 * MINUTE, 10 * MINUTE, 0, 0]);
  t.equal(sum(book.week('nobody', NOON).online), 0);
});

t.test('a week and no more, whatever the clock does', async (t) => {
  const book = new AttendanceBook();
  for (let hour = 1; hour <= 24 * 30; hour += 1) book.note(NOON + hour * HOUR, HOUR, here(hour % 2 === 0));
  const size = book.text().length;
  t.ok(size < 8000, `${size} bytes a member`);
  book.note(NOON + HOUR, MINUTE, here(true));
  t.equal(sum(book.week('m', NOON + HOUR).online), MINUTE, 'hours that are yet to come are forgotten');
  for (let i = 0; i < 200; i += 1) book.note(NOON + HOUR, MINUTE, here(true));
  t.equal(sum(book.week('m', NOON + HOUR).online), HOUR, 'an hour holds no more than an hour');
  book.note(NOON + 24 * 40 * HOUR, MINUTE, new Map());
  t.same(JSON.parse(book.text()), { v: 1, members: {} }, 'who was not there for a week is gone');
  const crowd = new Map(Array.from({ length: 5000 }, (_, i) => [`m${i}`, true]));
  book.note(NOON + 24 * 41 * HOUR, MINUTE, crowd);
  t.equal(Object.keys(JSON.parse(book.text()).members).length, 1000);
});

t.test('what is written is what is read, whatever happened', async (t) => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.boolean(), fc.constantFrom('a', 'b')), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const book = new AttendanceBook();
      let now = NOON;
      for (const [seconds, isOnline, who] of all) {
        now += seconds * 1000;
        book.note(now, seconds * 1000, new Map([[who, isOnline]]));
      }
      const again = AttendanceBook.read(book.text());
      for (const who of ['a', 'b']) t.same(again.week(who, now), book.week(who, now));
    }),
    { numRuns: 50, verbose: true },
  );
});

t.test('a damaged file costs what is damaged', async (t) => {
  const hour = NOON / HOUR;
  for (const text of ['', '{', 'null', '[]', '{"members": 3}', '{"members": null}'])
    t.equal(AttendanceBook.read(text).text(), new AttendanceBook().text(), text);
  const members = {
    m: [[hour, 60, 60], [hour - 1, 3600, 1], [hour - 2, -1, 0], [hour - 3, 1.5, 0], 'x', [hour - 4, 10], null],
    n: 'nobody',
  };
  const book = AttendanceBook.read(JSON.stringify({ v: 1, members }));
  t.same(JSON.parse(book.text()), { v: 1, members: { m: [[hour, 60, 60]] } });
});

t.test('a node that looks: what it did not see is unknown', async (t) => {
  const { clock, advance } = fakeTimers(t);
  const path = t.testdir();
  const SILENT = { info: () => undefined, warn: () => undefined, debug: () => undefined };
  const seen = { peerId: 'm', online: true, heard: true };
  /** ms that no timer has seen go by. */
  let slept = 0;
  const open = (changes: Partial<AttendanceDeps> = {}) =>
    keepAttendance({
      ...{ directory: { path }, events: createEvents(SILENT, () => 0), look: () => [seen] },
      ...{ now: () => NOON + slept + clock.now, monotonic: () => slept + clock.now, ...changes },
    });
  const known = (attendance: ReturnType<typeof open>) => {
    const { online, offline } = attendance.week('m');
    return [sum(online) / 1000, sum(offline) / 1000];
  };
  const file = join(path, 'attendance.json');
  let attendance = open();
  advance(4 * MINUTE);
  t.same(known(attendance), [240, 0]);
  t.throws(() => readFileSync(file), 'not written each time');
  Object.assign(seen, { online: false });
  advance(MINUTE);
  // Were it killed here, this much would be known.
  while (!existsSync(file)) await new Promise((resolve) => setImmediate(resolve));
  const atFive = { members: { m: [[NOON / HOUR, 240, 60]] } };
  t.match(JSON.parse(readFileSync(file, 'utf8')), atFive, 'written after five minutes');
  advance(MINUTE);
  t.same(known(attendance), [240, 120]);
  await attendance.stop();
  t.match(JSON.parse(readFileSync(file, 'utf8')), { v: 1, members: { m: [[NOON / HOUR, 240, 120]] } });

  // The node is off for ten minutes, and then the member was not heard of for a while after its start.
  slept += 10 * MINUTE;
  Object.assign(seen, { online: false, heard: false });
  attendance = open();
  advance(MINUTE);
  t.same(known(attendance), [240, 120], 'neither there nor away before anybody can have been heard');
  advance(2 * MINUTE);
  t.same(known(attendance), [240, 120 + 105], 'after a minute and a half silence says something');
  // The machine sleeps: the timer comes late.
  slept += 30 * MINUTE;
  advance(15_000);
  t.same(known(attendance), [240, 225], 'the time asleep is unknown');
  advance(15_000);
  t.same(known(attendance), [240, 240], 'and it goes on');
  await attendance.stop();

  writeFileSync(join(path, 'file'), '');
  const events = createEvents(SILENT, () => 0);
  const nowhere = open({ directory: { path: join(path, 'file') }, events });
  advance(2 * MINUTE);
  await nowhere.stop();
  t.match(events.problems(), [{ code: 'attendance' }], 'a file that cannot be written ends nothing');
});
