#!/usr/bin/env node
// The program: `node dist/node.js [verb] [options]`. Without a verb it runs a node.
import './node/polyfill.ts';
import { runCommand } from './node/cli/main.ts';

const interrupt = new AbortController();
// A reader that has seen enough (`… | head`) closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
// Something in the background failed that nobody waited for. The node goes on; what it was is in the log.
process.on('unhandledRejection', (reason) => {
  const message = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  process.stderr.write(
    `${JSON.stringify({ level: 50, time: new Date().toISOString(), msg: `unhandled: ${message}` })}\n`,
  );
});
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
