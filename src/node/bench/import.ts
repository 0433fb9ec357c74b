// How long a file of a million rows takes to become a data set, and how much memory.
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStream } from '../../engine/random.ts';
import { openDataStore } from '../data-store.ts';
import type { BenchRow } from './engines.ts';

const ROWS = 1_000_000;
const ROWS_PER_WRITE = 1000;
/** 2020-09-13 12:27 UTC. */
const FIRST_SECOND = 1_600_000_020;

/** A walk in cents, a minute a row. */
function writeRows(path: string): void {
  const random = openStream(new TextEncoder().encode('bench'), 'import');
  const file = openSync(path, 'w');
  writeSync(file, 'timestamp,open,high,low,close,volume\n');
  let close = 4_200_000;
  for (let row = 0; row < ROWS; ) {
    let text = '';
    for (let i = 0; i < ROWS_PER_WRITE; i++, row++) {
      const open = close;
      close = Math.max(1_000_000, open + random.below(8001) - 4000);
      const [high, low] = [Math.max(open, close) + random.below(900), Math.min(open, close) - random.below(900)];
      const prices = [open, high, low, close].map((cents) => (cents / 100).toFixed(2));
      text += `${FIRST_SECOND + row * 60},${prices.join(',')},${(random.below(3_000_000_000) / 1e8).toFixed(8)}\n`;
    }
    writeSync(file, text);
  }
  closeSync(file);
}

/** Processor time from the file to the data set on disk, and the most memory that this process ever had. */
export async function benchImport(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'stratmesh-bench-'));
  try {
    const path = join(folder, 'million.csv');
    writeRows(path);
    const store = await openDataStore(join(folder, 'data'));
    const before = process.cpuUsage();
    const { info } = await store.importFile(path);
    const { user, system } = process.cpuUsage(before);
    const memoryMb = process.resourceUsage().maxRSS / 1024;
    return [{ part: 'import', what: 'CSV to data set', bars: info.bars, ms: (user + system) / 1000, memoryMb }];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
