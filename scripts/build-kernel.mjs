// Compiles the fast engine's kernel (AssemblyScript, src/engine/kernel) to WebAssembly, and that to a module of bytes, so
// that the engine needs no file system to start it. Without relaxed SIMD: its results may differ between processors.
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const FLAGS = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
  '--enable',
  'simd',
  '--enable',
  'threads',
];

/** Writes src/engine/fast/kernel-wasm.ts below `root`. */
export async function buildKernel({ root }) {
  const folder = mkdtempSync(join(tmpdir(), 'stratmesh-kernel-'));
  try {
    const wasm = join(folder, 'kernel.wasm');
    const entry = join(root, 'src', 'engine', 'kernel', 'index.ts');
    const { error, stderr } = await asc.main([entry, '-o', wasm, ...FLAGS]);
    if (error) throw new Error(`the kernel does not compile:\n${stderr.toString()}`);
    const bytes = Array.from(readFileSync(wasm)).join(',');
    const text = `export const KERNEL_WASM: Uint8Array<ArrayBuffer> = Uint8Array.of(${bytes});\n`;
    const target = join(root, 'src', 'engine', 'fast', 'kernel-wasm.ts');
    writeFileSync(`${target}.${process.pid}`, text);
    renameSync(`${target}.${process.pid}`, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
