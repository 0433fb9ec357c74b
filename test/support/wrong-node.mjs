// A node that lies: it mines as everybody does and then falsifies its answer. WRONG=metrics polishes its champions'
// figures, WRONG=digest changes the digest. Takes the flags of `start`; the product itself has no such switch.
import '../../dist/node/polyfill.js';
import { parseArgs } from 'node:util';
import { readConfig, settingOptions } from '../../dist/node/config.js';
import { mineUnit } from '../../dist/node/mine-unit.js';
import { startNode } from '../../dist/node/start-node.js';

const options = { ...settingOptions(), json: { type: 'boolean' }, 'data-dir': { type: 'string' } };
const { values } = parseArgs({
  args: process.argv.slice(3),
  options: Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }])),
});

const polish = (segment) => ({ ...segment, netProfit: segment.netProfit + 1000, return: segment.return + 0.1 });

async function lie(deps, task) {
  const outcome = await mineUnit(deps, task);
  if (process.env.WRONG === 'digest') return { ...outcome, digest: 'ff'.repeat(32) };
  const champions = outcome.champions.map((champion) => ({ ...champion, outOfSample: polish(champion.outOfSample) }));
  return { ...outcome, champions };
}

const quiet = { info() {}, warn() {}, debug() {}, error() {} };
const noLogs = { logs: () => ({ lines: [], last: 0, missed: 0 }) };
const config = readConfig(values['data-dir'], values, {});
const node = await startNode({ log: quiet, logs: noLogs, mine: lie, onStopRequest() {} }, values['data-dir'], config);
await node.entered;
const { meshId, mesh } = node.port.status();
process.stdout.write(
  `${JSON.stringify({ event: 'ready', ui: node.ui, peerId: node.peerId, meshId, mesh: mesh.addresses })}\n`,
);
process.once('SIGTERM', async () => {
  await node.stop();
  process.exit(0);
});
