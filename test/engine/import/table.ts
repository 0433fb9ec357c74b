// What the tests of the import share: a table as a text, read in one go.
import { InvalidInput } from '../../../src/engine/errors.ts';
import { type CandleImport, type ImportOptions, importAll } from '../../../src/engine/import/import-candles.ts';

const bytesOf = (...lines: string[]): Uint8Array => new TextEncoder().encode(`${lines.join('\n')}\n`);

export function read(lines: readonly string[], options: ImportOptions = {}): CandleImport {
  return importAll(bytesOf(...lines), () => ({ symbol: 'BTC-USD', quote: 'USD', source: 'test' }), options);
}

export function fault(run: () => unknown): InvalidInput {
  try {
    run();
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
