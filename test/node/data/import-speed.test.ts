// The built program takes a file of a million rows within the time and memory that docs/data.md names.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const PROGRAM = fileURLToPath(new URL('../../../dist/node.js', import.meta.url));

t.test('a million rows', async (t) => {
  // Without the variables by which the test runner would load itself into the program.
  const argv = ['-i', `PATH=${process.env.PATH}`, process.execPath, PROGRAM, 'bench', '--import', '--json'];
  const said = execFileSync('env', argv, { encoding: 'utf8' });
  const [row] = (JSON.parse(said) as { rows: { bars: number; ms: number; memoryMb: number }[] }).rows;
  t.equal(row!.bars, 1_000_000);
  t.ok(row!.ms < 3000, `${Math.round(row!.ms)} ms of the processor`);
  t.ok(row!.memoryMb < 400, `${Math.round(row!.memoryMb)} MB`);
});
