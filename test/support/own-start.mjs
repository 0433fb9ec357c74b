// A node of the product in a program of a test's own: takes the flags of `start`, says `ready` as it does, and ends by SIGTERM.
import '../../dist/node/polyfill.js';
import { parseArgs } from 'node:util';
import { readConfig, settingOptions } from '../../dist/node/config.js';
import { startNode } from '../../dist/node/start-node.js';

/** `deps`: of `startNode`, without `onStopRequest`. */
export async function startOwn(deps) {
  const options = { ...settingOptions(), json: { type: 'boolean' }, 'data-dir': { type: 'string' } };
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }])),
  });
  const config = readConfig(values['data-dir'], values, {});
  const node = await startNode({ ...deps, onStopRequest() {} }, values['data-dir'], config);
  await node.entered;
  const { meshId, mesh } = node.port.status();
  process.stdout.write(
    `${JSON.stringify({ event: 'ready', ui: node.ui, peerId: node.peerId, meshId, mesh: mesh.addresses })}\n`,
  );
  process.once('SIGTERM', async () => {
    await node.stop();
    process.exit(0);
  });
}
