// The part of the API about answers that differ between machines.

export interface DisputedAnswer {
  /** Hash of the whole answer; with a tolerance, of the one that speaks for those within it. */
  answer: string;
  by: { peerId: string; name: string; entryId: string; at: string }[];
  /** Whether it is the valid one; null while there is none. */
  valid: boolean | null;
}

export interface DisputeView {
  unitId: string;
  jobId: string;
  jobName: string;
  /** 0-based place of the unit in its job. */
  index: number;
  /** `open`: another replica decides. `settled`: one is valid. `failed`: there will be no verdict. */
  state: 'open' | 'settled' | 'failed';
  /** The one in front first, then those that most gave. */
  answers: DisputedAnswer[];
  /** The first figure in which the first two differ, by name; null where nothing that is compared by figures does. */
  differs: { figure: string; values: [number | string | null, number | string | null] } | null;
}

export interface DisputesView {
  open: number;
  /** Units without a verdict, and answers that lost to a valid one. */
  failed: number;
  dropped: number;
  /** Open ones first, then without verdict, then settled; of the newest jobs first, at most fifty. */
  items: DisputeView[];
}
