// Who takes part, as page, API and command line see it: tickets, pairing, removal, leaving, and how one is reached.
import type { MemberView } from './api.ts';

export interface InviteView {
  ticket: string;
  inviteId: string;
  role: 'admin' | 'member' | 'worker';
  uses: number;
  expiresAt: string;
  addresses: string[];
}

/** A ticket that still lets somebody in. */
export interface OpenInviteView {
  inviteId: string;
  role: 'admin' | 'member' | 'worker';
  uses: number;
  usesLeft: number;
  expiresAt: string;
  /** Who made it. */
  issuer: string;
}

/** A machine of the local network that this node may let in, or whose mesh may let this node in. */
export interface PendingView {
  peerId: string;
  /** As it calls itself. */
  name: string;
  os: string;
  version: string;
  /** The mesh it is in at the moment, and how many machines that has. */
  meshName: string;
  members: number;
  /** Six digits. Its screen shows the same for this node, if nobody is between the two. */
  digits: string;
  /** It asks to be let in, and this node may do that. */
  canAdmit: boolean;
  /** It may let this node in: there is where the digits are compared and the click is made. */
  canJoin: boolean;
  state: 'waiting' | 'admitting';
}

export interface PairingView {
  /** Until when this node lets machines of the local network in; null while it does not. */
  hostUntil: string | null;
  /** Until when a mesh of the local network may let this node in; null while none may. */
  guestUntil: string | null;
  /** Why nobody, or nobody else, can be found, in one sentence. */
  reason: string | null;
  /** In order of name. */
  pending: PendingView[];
}

export interface AdmittedView {
  peerId: string;
  name: string;
  role: 'admin' | 'member' | 'worker';
}

export interface RevokedView {
  peerId: string;
  name: string;
  /** Id of the entry that says so. */
  entry: string;
  /** Entries of the member that go on counting, and those known here that do not any more. */
  kept: number;
  discarded: number;
  /** State root from now on: a member that shows the same knows of it. */
  root: string;
}

export interface RenamedView {
  peerId: string;
  /** As it calls itself. */
  name: string;
  /** Null: it is called by its own name again. */
  givenName: string | null;
}

export interface PingView {
  peerId: string;
  name: string;
  /** Round trip, measured now. */
  ms: number;
}

/** Why an address did not lead to a member; docs/operating.md says what each means. */
export const WAY_CODES = [
  ...(['connection_refused', 'timed_out', 'no_route', 'hung_up', 'another_machine'] as const),
  ...(['not_let_in', 'other_mesh', 'wire_version', 'bad_address', 'dial_failed'] as const),
] as const;

export interface WayProblem {
  code: (typeof WAY_CODES)[number];
  message: string;
}

/** One address of a member. */
export interface WayView {
  /** Multiaddr without the peer id. */
  address: string;
  /** When a word of it, or of it being there, last came. */
  heardAt: string;
  /** When this node last tried it; null: never since it was started. */
  triedAt: string | null;
  /** Why it did not lead there then; null where it did, or was not tried. */
  problem: WayProblem | null;
  inUse: boolean;
}

/** Seven days of a member as this node saw it. */
export interface WeekView {
  /** Start of the first hour; the last one is the hour of now. */
  from: string;
  /** Of each hour how long it was seen there, and how long not, ms. The rest is unknown: this node did not look. */
  online: number[];
  offline: number[];
}

/** Who is behind an entry; the id is null for the holder of the recovery phrase. */
export interface SayerView {
  peerId: string | null;
  name: string;
}

/** How a member came in, as the ledger has it. */
export interface AdmissionView {
  /** Hash of the entry that made it a member, and when it was written, by its author's clock. */
  entry: string;
  at: string;
  /** Who let it in; null for the mesh's first member. */
  by: SayerView | null;
  /** Whose ticket it had; null where it came without one. */
  invitedBy: SayerView | null;
}

/** One member: how it is reached from here, when it was there, and how it came in. */
export interface MemberDetail {
  member: MemberView;
  admission: AdmissionView;
  /** The connection in use; null without one. */
  connection: { address: string; since: string; openedHere: boolean } | null;
  /** Last heard of first; none of this node itself. */
  ways: WayView[];
  /** How the next connection comes about; null where there is one, or none is wanted. */
  attempts: { failed: number; nextAt: string | null; dialling: boolean } | null;
  /** Bytes that its connections carried, all but the headers of TCP and IP; null of this node itself, or where not known. */
  traffic: { in: number; out: number; since: string } | null;
  /** Null of this node itself. */
  week: WeekView | null;
}

export interface LeftView {
  /** Members that were connected when it was said; with none, the node has to run until one is. */
  told: number;
  /** Admins that the mesh has left. */
  admins: number;
}

export interface MembersPort {
  /**
   * `phrase`: the recovery phrase, here and below; with it any member's node says it in the name of the mesh's root. Throws
   * RequestError `role`, `out_of_range`, `bad_phrase`, `wrong_phrase`.
   */
  invite(input: {
    role?: 'admin' | 'member' | 'worker' | undefined;
    uses?: number | undefined;
    expiresInMs?: number | undefined;
    phrase?: string | undefined;
  }): Promise<InviteView>;
  /** Those that end first come first. */
  openInvites(): OpenInviteView[];
  /** Throws RequestError `invite_unknown`, `role`. */
  cancelInvite(id: string): Promise<OpenInviteView>;
  pairing(): PairingView;
  /**
   * Opens the local network for `minutes`, 1 to 60: as `host` for machines that this one lets in, as `guest` for a mesh that
   * lets this one in. Throws RequestError `pairing_off`, `role`, `already_member`.
   */
  openPairing(input: { as?: 'host' | 'guest' | undefined; minutes?: number | undefined }): Promise<PairingView>;
  closePairing(): Promise<PairingView>;
  /**
   * Lets in a machine of `pairing().pending`, by peer id or name. Throws RequestError `role`, `pairing_closed`,
   * `pairing_busy`, `pending_unknown`, `pending_ambiguous`, `pending_gone`, `removed`.
   */
  admit(who: string, input: { role?: 'admin' | 'member' | 'worker' | undefined }): Promise<AdmittedView>;
  /**
   * Turns a machine of `pairing().pending` away until another window opens: it is not shown, not let in and not gone to.
   * Throws RequestError `pending_unknown`, `pending_ambiguous`.
   */
  refuse(who: string): Promise<PairingView>;
  /**
   * `member`: peer id or name. `discardSince`: ISO time; what the member wrote from then on, by its own clock, counts no more.
   * Throws RequestError `member_unknown`, `member_ambiguous`, `already_gone`, `role`, `not_above`, `bad_phrase`, `wrong_phrase`.
   */
  revoke(
    member: string,
    input: { discardSince?: string | undefined; phrase?: string | undefined },
  ): Promise<RevokedView>;
  /**
   * What this node calls a member from now on; nothing but spaces: its own name. Only here. `member`: peer id or own name.
   * Throws RequestError `member_unknown`, `member_ambiguous`.
   */
  rename(member: string, input: { name: string }): RenamedView;
  /** There and back over the connection that stands. Throws RequestError as `rename`, `not_connected`, `no_answer`. */
  ping(member: string): Promise<PingView>;
  /** `member`: peer id or own name. Throws RequestError as `rename`. */
  memberDetail(member: string): MemberDetail;
  leave(): Promise<LeftView>;
}
