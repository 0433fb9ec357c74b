// The kernel as a typed object: one instance a thread, all over the same memory.
import { KERNEL_WASM } from './kernel-wasm.ts';

/** Addresses are bytes in the shared memory; see src/engine/kernel for what each function does. */
export interface Kernel {
  setMarket(open: number, high: number, low: number, close: number, squares: number, ticks: number): void;
  setCosts(fee: number, makerFee: number, fixedLoss: number, lossPerQuote: number): void;
  setPyramids(table: number, bars: number): number;
  setPyramidTable(table: number): void;
  setTrace(address: number): void;
  buildPyramid(pyramid: number, short: number, relative: number, bars: number): void;
  markAbove(
    crossing: number,
    a: number,
    stepA: number,
    timesA: number,
    b: number,
    stepB: number,
    timesB: number,
    first: number,
    length: number,
    out: number,
  ): void;
  startRuns(
    strategies: number,
    states: number,
    stateBytes: number,
    strategyBytes: number,
    count: number,
    equity: number,
  ): void;
  runStretch(
    part: number,
    start: number,
    from: number,
    to: number,
    tile: number,
    strategies: number,
    strategyBytes: number,
    states: number,
    stateBytes: number,
    results: number,
    resultBytes: number,
    count: number,
    entries: number,
  ): void;
}

let compiled: WebAssembly.Module | undefined;

/** A new instance over `memory`. */
export function startKernel(memory: WebAssembly.Memory): Kernel {
  compiled ??= new WebAssembly.Module(KERNEL_WASM);
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Kernel;
}
