// When each member was there during the last seven days, as this node saw it: hour by hour how long it was seen online, and
// how long not. While this node was off, asleep or new, nobody looked, and that time is unknown.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WeekView } from '../ui/api-members.ts';
import { replaceFile } from './atomic-file.ts';
import type { DataDirectory } from './data-directory.ts';
import type { Events } from './events.ts';

const HOUR_MS = 3_600_000;
const HOURS = 7 * 24;
const MEMBERS_MAX = 1000;
const LOOK_MS = 15_000;
/** Who looks later than this slept, or was stopped, meanwhile. */
const GAP_MS = 60_000;
/** At most this much is lost when the node is killed. */
const SAVE_MS = 5 * 60_000;
/** Members that are there are heard of within so long after the start. */
const SETTLE_MS = 90_000;

/** ms of one hour. */
interface Seen {
  online: number;
  offline: number;
}

/** Hours since 1970 → what was seen in them. */
type Hours = Map<number, Seen>;

export class AttendanceBook {
  readonly #members = new Map<string, Hours>();

  /** Whoever is named was `online` or not for the last `ms`, up to `now` (ms since 1970). */
  note(now: number, ms: number, online: ReadonlyMap<string, boolean>): void {
    for (const [peerId, isOnline] of online) {
      const hours =
        this.#members.get(peerId) ?? (this.#members.size < MEMBERS_MAX ? new Map<number, Seen>() : undefined);
      if (hours === undefined) continue;
      this.#members.set(peerId, hours);
      for (let from = now - ms; from < now; ) {
        const hour = Math.floor(from / HOUR_MS);
        const to = Math.min(now, (hour + 1) * HOUR_MS);
        const seen = hours.get(hour) ?? { online: 0, offline: 0 };
        // A clock that was set back comes by an hour twice.
        const room = HOUR_MS - seen.online - seen.offline;
        seen[isOnline ? 'online' : 'offline'] += Math.min(room, to - from);
        hours.set(hour, seen);
        from = to;
      }
    }
    this.#forget(now);
  }

  /** The last seven days up to the hour of `now`; all of it unknown for who was never noted. */
  week(peerId: string, now: number): WeekView {
    const first = Math.floor(now / HOUR_MS) - HOURS + 1;
    const hours = Array.from({ length: HOURS }, (_, i) => this.#members.get(peerId)?.get(first + i));
    return {
      from: new Date(first * HOUR_MS).toISOString(),
      online: hours.map((seen) => Math.round(seen?.online ?? 0)),
      offline: hours.map((seen) => Math.round(seen?.offline ?? 0)),
    };
  }

  #forget(now: number): void {
    const last = Math.floor(now / HOUR_MS);
    for (const [peerId, hours] of this.#members) {
      for (const hour of hours.keys()) if (hour <= last - HOURS || hour > last) hours.delete(hour);
      if (hours.size === 0) this.#members.delete(peerId);
    }
  }

  /** Whole seconds: `{"v": 1, "members": {PEERID: [[hour, online, offline], …]}}`. */
  text(): string {
    const inSeconds = (ms: number): number => Math.floor(ms / 1000);
    const members = [...this.#members].map(([peerId, hours]) => [
      peerId,
      [...hours].map(([hour, { online, offline }]) => [hour, inSeconds(online), inSeconds(offline)]),
    ]);
    return `${JSON.stringify({ v: 1, members: Object.fromEntries(members) })}\n`;
  }

  /** A damaged text is an empty one, and of a damaged member the hours that can be read count. */
  static read(text: string): AttendanceBook {
    const book = new AttendanceBook();
    let members: [string, unknown][];
    try {
      members = Object.entries((JSON.parse(text) as { members: Record<string, unknown> }).members);
    } catch {
      return book;
    }
    for (const [peerId, rows] of members.slice(0, MEMBERS_MAX)) {
      const hours: Hours = new Map((Array.isArray(rows) ? rows : []).filter(isRow).slice(-HOURS).map(hourOf));
      if (hours.size > 0) book.#members.set(peerId, hours);
    }
    return book;
  }
}

type Row = [hour: number, online: number, offline: number];

function isRow(row: unknown): row is Row {
  if (!Array.isArray(row) || row.length !== 3 || !row.every((each) => Number.isSafeInteger(each) && each >= 0))
    return false;
  return row[1] + row[2] <= HOUR_MS / 1000;
}

function hourOf([hour, online, offline]: Row): [number, Seen] {
  return [hour, { online: online * 1000, offline: offline * 1000 }];
}

export interface Attendance {
  week(peerId: string): WeekView;
  /** Writes what is known. */
  stop(): Promise<void>;
}

export interface AttendanceDeps {
  directory: Pick<DataDirectory, 'path'>;
  events: Events;
  /** ms since 1970. */
  now(): number;
  /** Monotonic, ms. */
  monotonic(): number;
  /** The other members, whether each is there, and whether it was heard of since this node was started. */
  look(): { peerId: string; online: boolean; heard: boolean }[];
}

export function keepAttendance({ directory, events, now, monotonic, look }: AttendanceDeps): Attendance {
  const file = join(directory.path, 'attendance.json');
  const book = AttendanceBook.read(textOf(file));
  let written = book.text();
  let saving: Promise<void> = Promise.resolve();
  const startedAt = monotonic();
  let lookedAt = startedAt;
  let savedAt = startedAt;

  function note(): void {
    const at = monotonic();
    const ms = at - lookedAt;
    lookedAt = at;
    if (ms > GAP_MS) return;
    const isNew = at - startedAt < SETTLE_MS;
    const seen = look().filter(({ heard }) => heard || !isNew);
    book.note(now(), ms, new Map(seen.map(({ peerId, online }) => [peerId, online])));
  }

  async function save(): Promise<void> {
    const text = book.text();
    if (text === written) return;
    try {
      await replaceFile(file, Buffer.from(text));
      written = text;
      events.solved('attendance');
    } catch (error) {
      events.problem('attendance', `When members were there cannot be written: ${(error as Error).message}`);
    }
  }

  const timer = setInterval(() => {
    note();
    if (monotonic() - savedAt < SAVE_MS) return;
    savedAt = monotonic();
    saving = saving.then(save);
  }, LOOK_MS);
  return {
    week: (peerId) => book.week(peerId, now()),
    async stop() {
      clearInterval(timer);
      await saving;
      await save();
    },
  };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
