// Whether a node goes on with another's search, or begins anew, or leaves a unit alone because its vote would meet those of
// others (V5). Pure functions; a wrong guess costs another replica, never a wrong verdict.
import { countApart, type Vote } from '../ledger/verdict.ts';
import type { Hex } from '../protocol/bytes.ts';
import { LINEAGE_MAX } from '../protocol/limits.ts';

type Cast = Pick<Vote, 'entry' | 'author' | 'lineage'>;

export interface UnitOnHand {
  votes: readonly Cast[];
  /** Equal answers that make a verdict. */
  quorum: number;
  /** Other members that hold a claim on it, and on whom their searches rest; undefined where that is not known. */
  claims: readonly { member: Hex; lineage: readonly Hex[] | undefined }[];
  /** Members that could take work now. */
  atHand: readonly Hex[];
}

/**
 * S8: a node goes on with a search that rests on `lineage` when its vote would meet none that is in or on its way, and
 * when there are enough others at hand for the quorum. It begins anew where another works on the unit and has not said
 * on what.
 */
export function mayGoOn(self: Hex, lineage: readonly Hex[], { votes, quorum, claims, atHand }: UnitOnHand): boolean {
  const mine = new Set([self, ...lineage]);
  if (mine.size > LINEAGE_MAX + 1) return false;
  const meets = (member: Hex, others: readonly Hex[]): boolean => [member, ...others].some((each) => mine.has(each));
  if (votes.some((vote) => meets(vote.author, vote.lineage))) return false;
  if (claims.some(({ member, lineage: rests }) => rests === undefined || meets(member, rests))) return false;
  const voted = votes.map(({ author }) => author);
  const others = new Set(atHand.filter((member) => !mine.has(member) && !voted.includes(member)));
  return countApart(votes) + 1 + others.size >= quorum;
}

/**
 * S7: a node leaves a unit to the others while a search that rests on its own checkpoint goes on, and after the answer
 * came as long as others are at hand. When nobody else is, those that it rests on run the unit whole, if that helps.
 */
export function isBarred(self: Hex, { votes, claims, atHand }: UnitOnHand): boolean {
  if (claims.some(({ lineage }) => lineage?.includes(self) === true)) return true;
  const kin = new Set(votes.flatMap(({ lineage }) => lineage));
  if (!kin.has(self)) return false;
  const voted = new Set(votes.map(({ author }) => author));
  const left = [...new Set([self, ...atHand])].filter((member) => !voted.has(member));
  if (left.some((member) => !kin.has(member))) return true;
  const whole = left.map((author): Cast => ({ entry: '', author, lineage: [] }));
  return countApart([...votes, ...whole]) <= countApart(votes);
}
