// The search state as bytes: what a checkpoint holds. Layout, little-endian:
//   8 bytes magic "SMSEARCH" · u32 version · 32 bytes task identity · u32 generation · trials (u32, f64, f64)
//   · best return (u8 present, f64) · novelty f64 · u32 count + 32 bytes each: generation digests
//   · u32 count + {text, f64 fitness, f64 sharpe, f64 return, u32 trades, text behaviour} each: population
//   · 32 bytes SHA-256 of everything before
import { ByteReader, ByteWriter } from '../bytes.ts';
import { InvalidInput } from '../errors.ts';
import { hashBytes, toUtf8 } from '../hash.ts';
import { parseStrategy } from '../parse-strategy.ts';
import { canonicalStrategy } from '../strategy-hash.ts';
import { taskIdentity, type UnitTask } from '../unit-task.ts';
import type { SearchState } from './evolve.ts';
import type { Individual } from './population.ts';

const MAGIC = 'SMSEARCH';
const VERSION = 2;
const HASH_BYTES = 32;

export function encodeSearchState(task: UnitTask, state: SearchState): Uint8Array {
  const writer = new ByteWriter();
  writer.raw(toUtf8(MAGIC)).u32(VERSION).raw(taskIdentity(task)).u32(state.generation);
  writer.u32(state.trials.count).f64(state.trials.mean).f64(state.trials.m2).optional(state.bestReturn);
  writer.f64(state.novelty);
  writer.u32(state.digests.length);
  for (const digest of state.digests) writer.raw(digest);
  writer.u32(state.population.length);
  for (const { text, evaluation } of state.population) {
    writer.text(text).f64(evaluation.fitness).f64(evaluation.sharpe).f64(evaluation.return);
    writer.u32(evaluation.trades).text(evaluation.behaviour);
  }
  const body = writer.finish();
  return new ByteWriter().raw(body).raw(hashBytes(body)).finish();
}

const isEqual = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);

function refuse(code: string, message: string): never {
  throw new InvalidInput(code, message);
}

/** The bytes without their checksum. Throws `damaged_checkpoint`. */
function checkedBody(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - HASH_BYTES;
  if (end < MAGIC.length) refuse('damaged_checkpoint', 'the checkpoint is too short');
  const body = bytes.subarray(0, end);
  if (!isEqual(hashBytes(body), bytes.subarray(end))) {
    refuse('damaged_checkpoint', 'the checkpoint is damaged: its checksum does not fit');
  }
  return body;
}

/** What does not even read as text or as JSON is damage, whatever the checksum says. */
function orDamaged<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    return refuse('damaged_checkpoint', `the checkpoint cannot be read: ${(error as Error).message}`);
  }
}

function readIndividual(reader: ByteReader): Individual {
  const text = orDamaged(() => reader.text());
  const strategy = parseStrategy(orDamaged(() => JSON.parse(text)));
  if (canonicalStrategy(strategy) !== text) refuse('damaged_checkpoint', 'the checkpoint holds a strategy out of form');
  const [fitness, sharpe, netReturn] = [reader.f64(), reader.f64(), reader.f64()];
  const trades = reader.u32();
  return {
    strategy,
    text,
    evaluation: { fitness, sharpe, return: netReturn, trades, behaviour: orDamaged(() => reader.text()) },
  };
}

/** As many as the count before them says; room is made for those that are there, not for those that a lie promises. */
function readMany<T>(reader: ByteReader, read: () => T): T[] {
  const items: T[] = [];
  for (let left = reader.u32(); left > 0; left--) items.push(read());
  return items;
}

/**
 * Reads what `encodeSearchState` wrote for the same task. Throws InvalidInput: `damaged_checkpoint`,
 * `foreign_checkpoint` (of another task), `unknown_checkpoint` (of another version).
 */
export function decodeSearchState(task: UnitTask, bytes: Uint8Array): SearchState {
  const reader = new ByteReader(checkedBody(bytes), 'the checkpoint');
  if (!isEqual(reader.raw(MAGIC.length), toUtf8(MAGIC))) refuse('damaged_checkpoint', 'this is not a checkpoint');
  if (reader.u32() !== VERSION) refuse('unknown_checkpoint', 'the checkpoint comes from another version');
  if (!isEqual(reader.raw(HASH_BYTES), taskIdentity(task))) {
    refuse('foreign_checkpoint', 'the checkpoint belongs to another unit: data, seed, specification or number differ');
  }
  const generation = reader.u32();
  const trials = { count: reader.u32(), mean: reader.f64(), m2: reader.f64() };
  const bestReturn = reader.optional();
  const novelty = reader.f64();
  const digests = readMany(reader, () => reader.raw(HASH_BYTES));
  const population = readMany(reader, () => readIndividual(reader));
  reader.end();
  const fits = population.length === task.spec.population && generation <= task.spec.generations;
  if (!fits || digests.length !== generation || generation < 1) {
    refuse('damaged_checkpoint', 'the checkpoint contradicts its task');
  }
  return { generation, population, novelty, trials, digests, bestReturn };
}
