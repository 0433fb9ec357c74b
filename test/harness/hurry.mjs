// Loaded before a node (--import): its page's stream tells of a change at once instead of twice a second, so that hundreds of
// patches take seconds, and SIGUSR2 ends the connections it has taken, as a network that goes does.
import { subscribe } from 'node:diagnostics_channel';

const PATCH_INTERVAL_MS = 500;
const wait = globalThis.setTimeout;
const sockets = new Set();

subscribe('net.server.socket', ({ socket }) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});
process.on('SIGUSR2', () => {
  for (const socket of sockets) socket.destroy();
});

globalThis.setTimeout = Object.assign(
  (run, ms, ...rest) => wait(run, ms === PATCH_INTERVAL_MS ? 0 : ms, ...rest),
  wait,
);
