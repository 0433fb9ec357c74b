// A node that says much: at SIGUSR2 its log gets ten thousand lines in ten seconds.
import pino from 'pino';
import { createLogRing } from '../../dist/node/log-ring.js';
import { startOwn } from './own-start.mjs';

const TICKS = 100;
const LINES_PER_TICK = 100;
const TICK_MS = 100;

const logs = createLogRing();
const log = pino({ level: 'debug', base: { node: 'chatty' }, timestamp: pino.stdTimeFunctions.isoTime }, logs);

process.on('SIGUSR2', () => {
  let tick = 0;
  const timer = setInterval(() => {
    for (let i = 0; i < LINES_PER_TICK; i += 1)
      log.info({ type: 'unit.finished', n: i }, `line ${tick * LINES_PER_TICK + i}`);
    tick += 1;
    if (tick === TICKS) clearInterval(timer);
  }, TICK_MS);
});

await startOwn({ log, logs });
