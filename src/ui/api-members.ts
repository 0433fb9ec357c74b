// Who takes part, as page, API and command line see it: tickets, removal, leaving.

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
