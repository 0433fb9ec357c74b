// Candles from a file that a person names: CSV, plain or gzipped.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type CsvImport, type CsvMeta, parseCandlesCsv } from '../engine/csv.ts';
import { InvalidInput } from '../engine/errors.ts';

/** Most bytes of a CSV text, unpacked. */
const TEXT_BYTES_MAX = 512 * 1024 * 1024;
const QUOTES = ['USDT', 'USDC', 'USD', 'EUR', 'GBP', 'JPY', 'BTC', 'ETH'];

const gunzipAsync = promisify(gunzip);

/**
 * Symbol, quote and source as a file's name tells: `BTC-USD_5m_coinbase.csv.gz` is BTC-USD in USD from coinbase. What
 * the name does not tell is `unknown`; whatever is given takes its place.
 */
export function metaOfFile(path: string, given: Partial<CsvMeta> = {}): CsvMeta {
  const parts = basename(path)
    .replace(/\.gz$/i, '')
    .replace(/\.csv$/i, '')
    .split('_');
  const symbol = given.symbol ?? (parts[0] || 'unknown').slice(0, 40);
  const head = symbol.replace(/-perp$/i, '').toUpperCase();
  const quote = given.quote ?? QUOTES.find((name) => head.endsWith(name) && head !== name) ?? 'unknown';
  const source = given.source ?? (parts.length > 2 ? parts.at(-1)! : 'unknown').slice(0, 40);
  return { symbol, quote, source };
}

async function unpack(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await gunzipAsync(bytes, { maxOutputLength: TEXT_BYTES_MAX });
  } catch (error) {
    throw new InvalidInput('bad_gzip', `the file cannot be unpacked: ${(error as Error).message}`);
  }
}

/** Reads a .csv or .csv.gz file. Throws InvalidInput: `file_missing`, `bad_gzip`, or what the CSV breaks. */
export async function readCandleFile(path: string, given: Partial<CsvMeta> = {}): Promise<CsvImport> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new InvalidInput('file_missing', `${path} cannot be read: ${(error as Error).message}`, 'data');
  }
  const text = new TextDecoder().decode(await unpack(bytes));
  return parseCandlesCsv(text, metaOfFile(path, given));
}
