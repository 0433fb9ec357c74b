// The part of the API about the recovery phrase: the key that stands above every member of a mesh, as 24 words.

export interface RecoveryView {
  /** `here`: its key is on this machine's disk. `gone`: it is not. `other`: the key here is that of another mesh. */
  state: 'here' | 'gone' | 'other';
}

export interface RecoveryPort {
  recovery(): RecoveryView;
  /** The key stays until `forgetRecovery`. Throws RequestError `recovery_shown`. */
  showRecovery(): { words: string[] };
  /** Takes the key off the disk, for whoever has its words. Throws RequestError `recovery_shown`, `bad_phrase`, `wrong_phrase`. */
  forgetRecovery(phrase: string): RecoveryView;
}
