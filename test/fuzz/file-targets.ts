// The decoders of files: what people put there, what other machines ship, what a crash may have left.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCandles, encodeCandles } from '../../src/engine/candle-codec.ts';
import { InvalidInput } from '../../src/engine/errors.ts';
import { hashBytes } from '../../src/engine/hash.ts';
import { importAll } from '../../src/engine/import/import-candles.ts';
import { parseStrategy } from '../../src/engine/parse-strategy.ts';
import { sampleCandles } from '../../src/engine/sample.ts';
import { proposeGeneration, startState } from '../../src/engine/search/evolve.ts';
import { decodeSearchState, encodeSearchState } from '../../src/engine/search/state-codec.ts';
import { canonicalStrategy } from '../../src/engine/strategy-hash.ts';
import { encodeHeads, HeadPage } from '../../src/ledger/head-page.ts';
import { benchTask, runSearch } from '../../src/node/bench/workloads.ts';
import { readBootstrap } from '../../src/node/bootstrap.ts';
import { StartError } from '../../src/node/start-error.ts';
import { concatBytes, equalBytes, sha256, utf8 } from '../../src/protocol/bytes.ts';
import { plain, Surprise, type Target } from './target.ts';

const isInvalid = (error: unknown): boolean => error instanceof InvalidInput;
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const meta = { symbol: 'BTC-USD', quote: 'USD', source: 'test' };
const bars = ['42000.5,42100,41900,42050.25,12.5', '42050.25,42060,42000,42010,3', '42010,42500,42010,42400,0'];
const csv = (times: readonly string[]): Uint8Array =>
  utf8(`timestamp,open,high,low,close,volume\n${times.map((time, i) => `${time},${bars[i % 3]}`).join('\n')}\n`);

const candles: Target = {
  name: 'candles',
  layers: [60, 200].map((count) => plain(encodeCandles(sampleCandles('fuzz', count)), 'bytes')),
  run(input) {
    if (!equalBytes(encodeCandles(decodeCandles(input)), input)) throw new Surprise('it encodes to other bytes');
  },
  isRefusal: isInvalid,
};

const csvFile: Target = {
  name: 'candle CSV',
  layers: [
    csv(Array.from({ length: 60 }, (_, i) => `2024-01-01 ${String(i % 24).padStart(2, '0')}:00:00`).slice(0, 24)),
    csv(Array.from({ length: 40 }, (_, i) => `2024-01-01T00:${String(i).padStart(2, '0')}:00Z`)),
    csv(Array.from({ length: 40 }, (_, i) => String(1_700_000_100 + i * 300))),
  ].map((text) => plain(text, 'bytes')),
  run(input) {
    for (const repair of [false, true]) {
      const { candles: read } = importAll(input, () => meta, { repair });
      decodeCandles(encodeCandles(read));
    }
  },
  isRefusal: isInvalid,
};

function strategyTarget(): Target {
  const strategies = proposeGeneration(benchTask(12, 1), startState(), sampleCandles('fuzz', 600));
  const texts = strategies.map((strategy) => utf8(canonicalStrategy(strategy)));
  return {
    name: 'strategy',
    layers: texts.map((text) => plain(text, 'json')),
    run(input) {
      let value: unknown;
      try {
        value = JSON.parse(textOf(input));
      } catch {
        // Text that is no JSON does not come as far as the decoder.
        return;
      }
      const once = canonicalStrategy(parseStrategy(value));
      if (canonicalStrategy(parseStrategy(JSON.parse(once))) !== once) throw new Surprise('it has two forms');
    },
    isRefusal: isInvalid,
  };
}

/** What a crash left, and what somebody made whose checksum fits. */
function checkpointTarget(): Target {
  const task = benchTask(10, 3);
  const saved = encodeSearchState(task, runSearch(sampleCandles('fuzz', 2000), task));
  const body = saved.subarray(0, -32);
  return {
    name: 'checkpoint',
    layers: [
      plain(saved, 'bytes'),
      { valid: body, wrap: (changed) => concatBytes([changed, hashBytes(changed)]), form: 'bytes' },
    ],
    run(input) {
      decodeSearchState(task, input);
    },
    isRefusal: isInvalid,
  };
}

/** A page of the ledger's index: what a disk has changed, and under a sum that fits again. */
function indexPageTarget(): Target {
  const key = (n: number): string => n.toString(16).padStart(64, '0');
  const ballot = { job: key(1), index: 3, fingerprint: key(2), answer: key(3), trials: 900, lineage: [key(4), key(5)] };
  const page = encodeHeads([
    { id: key(6), seq: 0, time: 1_700_000_000_000, kind: 'job', ballot: undefined },
    { id: key(7), seq: 1, time: 1_700_000_002_000, kind: 'result', ballot },
    { id: key(8), seq: 2, time: 1_700_000_004_000, kind: 'result', ballot: { ...ballot, lineage: [] } },
  ]);
  const sum = (body: Uint8Array): Uint8Array => sha256(body).subarray(0, 8);
  return {
    name: 'index page',
    layers: [
      plain(page, 'bytes'),
      { valid: page.subarray(8), wrap: (body) => concatBytes([sum(body), body]), form: 'bytes' },
    ],
    run(input) {
      const heads = new HeadPage(input).heads(0);
      if (heads.length > 255) throw new Surprise('more heads than a page counts');
    },
    isRefusal: (error) => error instanceof RangeError,
  };
}

function bootstrapTarget(folder: string): Target {
  const file = join(folder, 'bootstrap.json');
  const peerId = '12D3KooWRawPbxPtP1eZaJpumGnyWX2DcUyd3RQnydr3eAto4Az7';
  const peers = ['/ip4/192.168.1.20/tcp/22071', `/dns4/desk.local/tcp/22071/p2p/${peerId}`, '/ip6/::1/tcp/1'];
  return {
    name: 'bootstrap.json',
    layers: [
      plain(utf8(JSON.stringify({ ticket: 'smesh1abc', peers })), 'json'),
      plain(utf8(JSON.stringify({ ticket: null })), 'json'),
    ],
    run(input) {
      writeFileSync(file, input);
      readBootstrap(file, { required: true });
    },
    isRefusal: (error) => error instanceof StartError && error.code === 'bad_bootstrap',
  };
}

/** `folder`: where files can be written. */
export function fileTargets(folder: string): Target[] {
  return [
    candles,
    csvFile,
    strategyTarget(),
    checkpointTarget(),

    indexPageTarget(),
    bootstrapTarget(folder),
  ];
}
