// Text of other machines on its way to a screen. Names, rules and messages come from strangers: nothing in them may
// move the cursor, turn the reading direction or push everything else away. What is left is shown as text only.
import { MESSAGE_LENGTH_MAX, NAME_LENGTH_MAX } from './limits.ts';

/** C0 and C1 controls, line and paragraph separators, and the controls of the bidirectional algorithm. */
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Keys whose text is a name: short. All other text that people write is a message. */
const NAME_KEYS: ReadonlySet<string> = new Set([
  'name',
  'givenName',
  'meshName',
  'codeName',
  'market',
  'symbol',
  'quote',
  'source',
  'os',
  'version',
]);
/** Keys of text that is read whole: cutting it would break it. This node writes the sentences of strategies itself. */
const WHOLE_KEYS: ReadonlySet<string> = new Set([
  'ticket',
  'strategy',
  'sentence',
  'sentenceEs',
  'addresses',
  'block',
  'lines',
]);

/** Without control characters, at most `max` characters; what was cut ends in an ellipsis. */
export function cleanText(text: string, max: number): string {
  const plain = text.replace(UNPRINTABLE, '');
  if (plain.length <= max) return plain;
  const characters = [...plain];
  return characters.length <= max ? plain : `${characters.slice(0, max - 1).join('')}…`;
}

function limitOf(key: string): number {
  if (WHOLE_KEYS.has(key)) return Number.POSITIVE_INFINITY;
  return NAME_KEYS.has(key) ? NAME_LENGTH_MAX : MESSAGE_LENGTH_MAX;
}

function cleanAt(value: unknown, limit: number): unknown {
  if (typeof value === 'string') return cleanText(value, limit);
  if (Array.isArray(value)) return value.map((item) => cleanAt(item, limit));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    cleanText(key, NAME_LENGTH_MAX),
    cleanAt(item, limit === Number.POSITIVE_INFINITY ? limit : limitOf(key)),
  ]);
  return Object.fromEntries(entries);
}

/** A copy of a JSON value with every text in it made safe to show. */
export function clean<T>(value: T): T {
  return cleanAt(value, MESSAGE_LENGTH_MAX) as T;
}
