// A node that lies: it mines as everybody does and then falsifies its answer. WRONG=metrics polishes its champions'
// figures, WRONG=digest changes the digest. The product itself has no such switch.
import { mineUnit } from '../../dist/node/mine-unit.js';
import { startOwn } from './own-start.mjs';

const polish = (segment) => ({ ...segment, netProfit: segment.netProfit + 1000, return: segment.return + 0.1 });

async function lie(deps, task) {
  const outcome = await mineUnit(deps, task);
  if (process.env.WRONG === 'digest') return { ...outcome, digest: 'ff'.repeat(32) };
  const champions = outcome.champions.map((champion) => ({ ...champion, outOfSample: polish(champion.outOfSample) }));
  return { ...outcome, champions };
}

const quiet = { info() {}, warn() {}, debug() {}, error() {} };
const noLogs = { logs: () => ({ lines: [], last: 0, missed: 0 }) };
await startOwn({ log: quiet, logs: noLogs, mine: lie });
