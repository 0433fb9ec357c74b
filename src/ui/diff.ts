// The difference between two JSON values as paths, small enough to send twice a second, and how to apply it. Used on
// both ends of the event stream; a round trip is exact.

type Json = unknown;
type Fields = Record<string, Json>;

/** Paths are keys joined by `/` (`~1` for `/` and `~0` for `~` inside a key). */
export interface Change {
  set: Record<string, Json>;
  del: string[];
}

const isFields = (value: Json): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
const unescapeKey = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~');

function identityOf(item: Json): Json {
  const { id, peerId, hash, at } = item as Record<'id' | 'peerId' | 'hash' | 'at', Json>;
  return id ?? peerId ?? hash ?? at;
}

/** Rows keep their place: then only what changed inside them is worth sending. */
function sameRows(before: Json[], after: Json[]): boolean {
  return (
    before.length === after.length &&
    after.every((item, i) => isFields(item) && isFields(before[i]) && identityOf(item) === identityOf(before[i]))
  );
}

function equal(before: Json, after: Json): boolean {
  if (Object.is(before, after)) return true;
  if (Array.isArray(before) && Array.isArray(after)) {
    return before.length === after.length && after.every((item, i) => equal(before[i], item));
  }
  if (!isFields(before) || !isFields(after)) return false;
  const keys = Object.keys(after);
  return (
    keys.length === Object.keys(before).length &&
    keys.every((key) => Object.hasOwn(before, key) && equal(before[key], after[key]))
  );
}

function collectFields(before: Fields, after: Fields, path: string, change: Change): void {
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(after, key)) change.del.push(`${path}/${escapeKey(key)}`);
  }
  for (const [key, item] of Object.entries(after)) {
    const inner = `${path}/${escapeKey(key)}`;
    if (Object.hasOwn(before, key)) collect(before[key], item, inner, change);
    else change.set[inner] = item;
  }
}

function collect(before: Json, after: Json, path: string, change: Change): void {
  if (isFields(before) && isFields(after)) {
    collectFields(before, after, path, change);
  } else if (Array.isArray(before) && Array.isArray(after) && sameRows(before, after)) {
    for (const [i, item] of after.entries()) collect(before[i], item, `${path}/${i}`, change);
  } else if (!equal(before, after)) {
    change.set[path] = after;
  }
}

/** What turns `before` into `after`; undefined when they are equal. */
export function diff(before: object, after: object): Change | undefined {
  const change: Change = { set: {}, del: [] };
  collect(before, after, '', change);
  return change.del.length === 0 && Object.keys(change.set).length === 0 ? undefined : change;
}

function replaceAt(value: Json, keys: readonly string[], depth: number, leaf: { value: Json } | undefined): Json {
  if (depth === keys.length) return leaf?.value;
  const key = keys[depth]!;
  const last = depth === keys.length - 1;
  if (Array.isArray(value)) {
    const copy: Json[] = [...value];
    copy[Number(key)] = replaceAt(copy[Number(key)], keys, depth + 1, leaf);
    return copy;
  }
  const copy: Fields = { ...(isFields(value) ? value : {}) };
  if (last && leaf === undefined) delete copy[key];
  else copy[key] = replaceAt(copy[key], keys, depth + 1, leaf);
  return copy;
}

const keysOf = (path: string): string[] => path.split('/').slice(1).map(unescapeKey);

/** The value after the change; parts that did not change are shared with the old value. */
export function patch<T extends object>(value: T, change: Change): T {
  let next: Json = value;
  for (const path of change.del) next = replaceAt(next, keysOf(path), 0, undefined);
  for (const [path, leaf] of Object.entries(change.set)) next = replaceAt(next, keysOf(path), 0, { value: leaf });
  return next as T;
}
