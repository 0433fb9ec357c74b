// What each member last said of itself, and how long that is worth something. Ages run on this node's monotonic clock,
// so nobody's wrong wall clock can make a machine seem awake or asleep.
import type { Hex } from '../protocol/bytes.ts';
import { toHex } from '../protocol/bytes.ts';
import type { Claim, Presence } from '../protocol/messages.ts';

/** Silence of this many announced intervals means that the member is away. */
export const SILENT_INTERVALS = 3;
/** How long a claim outlives its claimant's silence before another machine starts the unit. */
export const GRACE_MS_MIN = 15 * 60_000;
export const GRACE_MS_MAX = 60 * 60_000;
/** Who is silent for longer is taken to be switched off. */
const SILENT_MS_MAX = 3 * 3_600_000;
/** Whoever announces a longer pause is believed this much of it: a claim must not outlive its claimant for ever. */
export const INTERVAL_MS_MAX = 60_000;
/** Who was killed is not waited for as long as who is only silent; a line that breaks is there again by then. */
const LOST_MS = 20_000;
/** What was said before a connection ended may come this much later, by way of others. */
const LATE_MS = 2000;
/** Starts of a node that are remembered as over, so that what it said then does not count again. */
const BOOTS_KEPT_MAX = 8;

export interface Heard {
  presence: Presence;
  /** Monotonic ms. */
  at: number;
}

export interface HeldClaim {
  member: Hex;
  claim: Claim;
  /** ms until the claim is void if nothing more is heard. */
  leaseMs: number;
}

export interface PresenceBook {
  /** False when it is old news: the same boot has said more already, or a later boot has followed it. */
  hear(presence: Presence): boolean;
  /** What it said last, however long ago. */
  get(member: Hex): Heard | undefined;
  isFresh(member: Hex): boolean;
  /**
   * Whether it is to be shown as being there: fresh, and neither gone nor silent for LOST_MS since its last connection with
   * this node ended at `lostAt` (monotonic ms; undefined while there is one, or never was).
   */
  isHere(member: Hex, lostAt: number | undefined): boolean;
  /** Members that could take work now: fresh, and neither paused nor asleep. */
  live(): Hex[];
  /** Members that fell silent without a word, within the last hours: they may be at work where nothing is heard of them. */
  silent(): Hex[];
  claims(): HeldClaim[];
  /** When somebody was last heard of that had not been, monotonic ms; -Infinity when nobody has been yet. */
  newcomerAt(): number;
}

export function createPresenceBook(now: () => number): PresenceBook {
  const heard = new Map<Hex, Heard>();
  const earlierBoots = new Map<Hex, Hex[]>();
  let newcomerAt = Number.NEGATIVE_INFINITY;

  const freshMs = ({ presence }: Heard): number => SILENT_INTERVALS * Math.min(presence.next, INTERVAL_MS_MAX);
  const isFresh = (entry: Heard | undefined): boolean => entry !== undefined && now() - entry.at <= freshMs(entry);

  return {
    hear(presence) {
      const member = toHex(presence.member);
      const last = heard.get(member)?.presence;
      const boot = toHex(presence.boot);
      const earlier = earlierBoots.get(member) ?? [];
      if (earlier.includes(boot)) return false;
      if (last !== undefined && toHex(last.boot) !== boot) {
        earlierBoots.set(member, [...earlier, toHex(last.boot)].slice(-BOOTS_KEPT_MAX));
      } else if (last !== undefined && presence.n <= last.n) return false;
      if (!isFresh(heard.get(member))) newcomerAt = now();
      heard.set(member, { presence, at: now() });
      return true;
    },
    get: (member) => heard.get(member),
    isFresh: (member) => isFresh(heard.get(member)),
    isHere(member, lostAt) {
      const entry = heard.get(member);
      if (entry === undefined || !isFresh(entry)) return false;
      return lostAt === undefined || entry.at > lostAt + LATE_MS || now() - lostAt <= LOST_MS;
    },
    live() {
      const awake = [...heard].filter(([, entry]) => isFresh(entry) && canWork(entry.presence));
      return awake.map(([member]) => member);
    },
    silent() {
      const gone = [...heard].filter(
        ([, entry]) => !isFresh(entry) && canWork(entry.presence) && now() - entry.at <= SILENT_MS_MAX,
      );
      return gone.map(([member]) => member);
    },
    newcomerAt: () => newcomerAt,
    claims() {
      const held: HeldClaim[] = [];
      for (const [member, entry] of heard) {
        const { claim, state } = entry.presence;
        if (claim === null || state === 'asleep') continue;
        const leaseMs = freshMs(entry) + grace(claim) - (now() - entry.at);
        if (leaseMs > 0) held.push({ member, claim, leaseMs });
      }
      return held;
    },
  };
}

function canWork(presence: Presence): boolean {
  return presence.state === 'working' || presence.state === 'idle';
}

/** As long as the unit still needed, within bounds: a machine that comes back soon should find its unit untouched. */
function grace(claim: Claim): number {
  return Math.min(GRACE_MS_MAX, Math.max(GRACE_MS_MIN, claim.remaining ?? 0));
}
