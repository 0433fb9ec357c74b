// One file out of a ZIP archive (PKWARE APPNOTE 6.3), as exchanges publish their history: stored or deflated, below 4 GiB.
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { InvalidInput } from '../../engine/errors.ts';

const inflateRawAsync = promisify(inflateRaw);

const [END_SIGNATURE, ENTRY_SIGNATURE, LOCAL_SIGNATURE] = [0x06054b50, 0x02014b50, 0x04034b50];
const [END_BYTES, ENTRY_BYTES, LOCAL_BYTES, COMMENT_BYTES_MAX] = [22, 46, 30, 65_535];
const [STORED, DEFLATED] = [0, 8];
const NAMES_SHOWN = 5;

interface Entry {
  name: string;
  method: number;
  packed: number;
  start: number;
}

function refuse(message: string): never {
  throw new InvalidInput('bad_zip', `the archive cannot be unpacked: ${message}`);
}

/** Where the list of entries is told of: the last 22 bytes, or before a comment. */
function findEnd(view: DataView): number {
  for (let at = view.byteLength - END_BYTES; at >= Math.max(0, view.byteLength - END_BYTES - COMMENT_BYTES_MAX); at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  }
  return refuse('its end is missing');
}

function listEntries(bytes: Uint8Array): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const entries: Entry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (at + ENTRY_BYTES > bytes.length || view.getUint32(at, true) !== ENTRY_SIGNATURE) refuse('its list is damaged');
    const nameBytes = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes));
    const entry = { name, method: view.getUint16(at + 10, true), packed: view.getUint32(at + 20, true) };
    if (!name.endsWith('/')) entries.push({ ...entry, start: view.getUint32(at + 42, true) });
    at += ENTRY_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

function contentOf(bytes: Uint8Array, { start, packed }: Entry): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (start + LOCAL_BYTES > bytes.length || view.getUint32(start, true) !== LOCAL_SIGNATURE)
    refuse('a file is damaged');
  const from = start + LOCAL_BYTES + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
  if (from + packed > bytes.length) refuse('it is cut off');
  return bytes.subarray(from, from + packed);
}

function choose(entries: readonly Entry[], member: string | undefined): Entry {
  const tables = entries.filter(({ name }) => (member === undefined ? /\.csv$/i.test(name) : name === member));
  if (tables.length === 1) return tables[0]!;
  const names = entries.slice(0, NAMES_SHOWN).map(({ name }) => name);
  const list = `${names.join(', ')}${entries.length > NAMES_SHOWN ? `, … (${entries.length} files)` : ''}`;
  throw new InvalidInput('bad_zip', `say with --member which file of the archive is meant: ${list}`, 'member');
}

/** The only .csv of an archive, or the file of this name. Throws InvalidInput `bad_zip`. */
export async function unzipTable(
  bytes: Uint8Array,
  member: string | undefined,
  mostBytes: number,
): Promise<Uint8Array> {
  const entry = choose(listEntries(bytes), member);
  const content = contentOf(bytes, entry);
  if (entry.method === STORED) return content;
  if (entry.method !== DEFLATED) refuse(`${entry.name} is packed in a way that is not known here`);
  try {
    return await inflateRawAsync(content, { maxOutputLength: mostBytes });
  } catch (error) {
    return refuse((error as Error).message);
  }
}
