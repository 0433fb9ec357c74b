// Building blocks of every wire schema, and the one place that turns a schema's complaint into a MalformedError.
import { z } from 'zod';
import { MalformedError } from './bytes.ts';
import { ADDRESS_CHARS_MAX, ADDRESSES_MAX, NAME_CHARS_MAX } from './limits.ts';

export const zBytes = (length: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length, `not ${length} bytes`);
/** Bytes of any length; whoever uses them checks further. */
export const zBlob = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'not bytes');
/** A map of any content, for whoever does not look inside. */
export const zMap = z.custom<Record<string, unknown>>(isMap, 'not a map');
export const zHash = zBytes(32);
export const zKey = zBytes(32);
export const zSignature = zBytes(64);
export const zCount = z.int().min(0);
export const zName = z.string().min(1).max(NAME_CHARS_MAX);
export const zText = z.string().max(200);
export const zRole = z.enum(['admin', 'member', 'worker']);
export const zAddresses = z.array(z.string().max(ADDRESS_CHARS_MAX)).max(ADDRESSES_MAX);

export type Role = z.infer<typeof zRole>;

/** Checks a decoded value against a schema. The error names the first field that does not fit. */
export function parseWire<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new MalformedError(`${what}: ${[...(issue?.path ?? [])].map(String).join('.')} ${issue?.message ?? ''}`.trim());
}

function isMap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
