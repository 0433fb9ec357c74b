// One digest a generation, over the one before it. Strategies share most of their parts, so each distinct part is
// written once and a strategy is a list of places: everything is under the digest in a fraction of the bytes.
import { ByteWriter } from '../bytes.ts';
import { hashWithDomain, toUtf8 } from '../hash.ts';
import type { Distance } from '../strategy.ts';
import { distanceText, sizeText } from '../strategy-hash.ts';
import type { Gene } from './conditions.ts';
import { type Genome, textsOf } from './genome.ts';
import type { Individual } from './population.ts';

/** Distinct texts in the order in which they were first asked for. */
class PartTable {
  readonly texts: string[] = [];
  readonly #places = new Map<string, number>();

  place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const at = this.texts.length;
    this.#places.set(text, at);
    this.texts.push(text);
    return at;
  }
}

/** A place below 2⁷ in one byte, below 2¹⁴ in two, and so on (LEB128). */
function writePlace(writer: ByteWriter, place: number): void {
  let left = place;
  while (left > 127) {
    writer.u8((left & 127) | 128);
    left >>>= 7;
  }
  writer.u8(left);
}

function writeGenes(writer: ByteWriter, table: PartTable, genes: readonly Gene[]): void {
  writer.u8(genes.length);
  for (const { left, op, right } of genes) {
    writePlace(writer, table.place(left.text));
    writePlace(writer, table.place(op));
    writePlace(writer, table.place(right.text));
  }
}

function writeDistance(writer: ByteWriter, table: PartTable, distance: Distance | undefined): void {
  writePlace(writer, table.place(distance === undefined ? '' : distanceText(distance)));
}

function writeGenome(
  writer: ByteWriter,
  table: PartTable,
  { side, groups, exits, orders }: Omit<Genome, 'pool'>,
): void {
  writer.u8(groups.length);
  for (const group of groups) writeGenes(writer, table, group);
  writeGenes(writer, table, exits);
  writePlace(writer, table.place(side));
  writePlace(writer, table.place(sizeText(orders.size)));
  writer.u8(orders.maxPositions).u32(orders.maxBars ?? 0);
  const { stopLoss, takeProfit, trailing, breakEven } = orders;
  writeDistance(writer, table, stopLoss);
  writeDistance(writer, table, takeProfit);
  writeDistance(writer, table, trailing);
  writeDistance(writer, table, breakEven);
}

/** Digest of one generation: `before` (of the one before, or the task's name), strategies and the bits of their scores. */
export function digestGeneration(before: Uint8Array, generation: number, scored: readonly Individual[]): Uint8Array {
  const table = new PartTable();
  const writer = new ByteWriter().raw(before).u32(generation).u32(scored.length);
  for (const { strategy, evaluation } of scored) {
    writeGenome(writer, table, textsOf(strategy));
    const { behaviour } = evaluation;
    writer.u32(Number.parseInt(behaviour.slice(0, 8), 16)).u32(Number.parseInt(behaviour.slice(8), 16));
    writer.u32(evaluation.trades).f64(evaluation.fitness).f64(evaluation.sharpe).f64(evaluation.return);
  }
  // A line break stands in no part, so the texts cannot run into each other.
  return hashWithDomain('stratmesh/engine/generation/2', writer.finish(), toUtf8(table.texts.join('\n')));
}
