// `start`: runs a node until it is told to stop.
import pino from 'pino';
import type { Verb, VerbContext } from '../cli/verb.ts';
import { type Config, readConfig, settingOptions } from '../config.ts';
import { createLogRing, type LogRing } from '../log-ring.ts';
import { openRotatingFile } from '../rotating-file.ts';
import { openPatience } from '../service/patience.ts';
import { type RunningNode, startNode } from '../start-node.ts';

/** Longer than this without a mesh, and the waiting is said. */
const WAITING_MS = 1500;

export const startVerb: Verb = {
  name: 'start',
  summary: 'run a node on this machine (the default)',
  options: {
    ...settingOptions(),
    service: {
      type: 'boolean',
      help: 'a service manager starts it: after starts that failed it waits, longer each time',
    },
  },
  async run(context) {
    const config = readConfig(context.dataDir, context.values, context.environment ?? process.env);
    const sinks = createLog(config);
    const patience = context.values.service === true ? await openPatience(context.dataDir) : undefined;
    if (patience?.said !== undefined) sinks.log.warn(patience.said);
    await patience?.wait(context.signal);
    if (!context.signal.aborted) await runNode(context, config, sinks);
    patience?.stopped();
    return 0;
  },
};

/** Until it is told to stop, by whom ever. */
async function runNode(context: VerbContext, config: Config, sinks: Sinks): Promise<void> {
  const stop = new AbortController();
  const ended = new Promise<void>((resolve) => {
    for (const signal of [context.signal, stop.signal])
      signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const node = await startNode({ ...sinks, onStopRequest: () => stop.abort() }, context.dataDir, config);
  try {
    await announce(context, node, ended);
    await ended;
  } finally {
    context.note('Stopping.');
    await node.stop();
  }
}

interface Sinks {
  log: pino.Logger;
  logs: LogRing;
}

/** JSON lines on stderr, so that stdout stays the command's own, or in files that rotate; the latest are kept for page and API. */
function createLog({ logLevel, logFile, name }: Config): Sinks {
  const target = logFile === undefined ? pino.destination({ fd: 2, sync: true }) : openRotatingFile(logFile);
  const logs = createLogRing();
  const both = {
    write(line: string) {
      target.write(line);
      logs.write(line);
    },
  };
  const log = pino({ level: logLevel, base: { node: name }, timestamp: pino.stdTimeFunctions.isoTime }, both);
  return { log, logs };
}

async function announce(context: VerbContext, node: RunningNode, ended: Promise<void>): Promise<void> {
  const waiting = setTimeout(() => {
    const { reason } = node.port.status();
    if (context.json) context.document({ event: 'waiting', ui: node.ui, peerId: node.peerId, message: reason });
    else context.print(`${reason} The page is at ${node.ui}`);
  }, WAITING_MS);
  try {
    await Promise.race([node.entered, ended]);
  } finally {
    clearTimeout(waiting);
  }
  const { status } = node.port;
  if (status().meshId === '') return;
  const { meshId, meshName, mesh } = status();
  if (context.json)
    context.document({ event: 'ready', ui: node.ui, peerId: node.peerId, meshId, mesh: mesh.addresses });
  else context.print(`Ready in “${meshName}”. The page is at ${node.ui}`);
}
