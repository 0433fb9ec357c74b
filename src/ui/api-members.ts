// Who takes part, as page, API and command line see it: tickets, pairing, removal, leaving.

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
  leave(): Promise<LeftView>;
}
