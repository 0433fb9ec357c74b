/** Whether the keys of every object inside stand in code-unit order: then JSON.stringify gives the canonical text. */
function isInOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isInOrder);
  let before = '';
  for (const key of Object.keys(value)) {
    if (key < before || !isInOrder((value as Record<string, unknown>)[key])) return false;
    before = key;
  }
  return true;
}

function writeSorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeSorted).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const object = value as Record<string, unknown>;
  const keys = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort(byCodeUnits);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${writeSorted(object[key])}`).join(',')}}`;
}

/** JSON without white space and with keys in code-unit order, so that equal values have equal bytes. Absent keys vanish. */
export function canonicalJson(value: unknown): string {
  return isInOrder(value) ? JSON.stringify(value) : writeSorted(value);
}

/** Total order of strings by UTF-16 code units; never a locale's. */
export function byCodeUnits(a: string, b: string): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}
