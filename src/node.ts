#!/usr/bin/env node
// The program: `node dist/node.js [verb] [options]`. Without a verb it runs a node.
import './node/polyfill.ts';
import { runCommand } from './node/cli/main.ts';

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second time means it: something hangs.
    if (interrupt.signal.aborted) process.exit(1);
    interrupt.abort();
  });
}
process.exitCode = await runCommand(
  process.argv.slice(2),
  { stdout: process.stdout, stderr: process.stderr, environment: process.env },
  interrupt.signal,
);
