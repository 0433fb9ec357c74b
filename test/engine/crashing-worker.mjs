// A pool worker that dies as often as the file named by CRASH_FILE says: one byte is one death.
import { readFileSync, writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

const file = process.env.CRASH_FILE;
const listen = parentPort.on.bind(parentPort);
parentPort.on = (event, handle) =>
  listen(event, (message) => {
    const left = readFileSync(file, 'utf8');
    if (left === '') return handle(message);
    writeFileSync(file, left.slice(1));
    process.exit(1);
  });
await import(process.env.REAL_WORKER);
