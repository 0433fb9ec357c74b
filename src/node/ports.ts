// Ports for members and newcomers. A port that somebody chose is taken as it is or not at all; a default one that is
// taken moves on.
import { createServer } from 'node:net';
import { StartError } from './start-error.ts';

const PORTS_TRIED = 20;

/** The first free port from `port` on; 0 stays 0 (the system chooses). Throws StartError `mesh_port_in_use`. */
export async function findPort(
  hosts: readonly string[],
  port: number,
  options: { fixed: boolean; avoid: readonly number[] },
): Promise<number> {
  if (port === 0) return 0;
  const last = options.fixed ? port : port + PORTS_TRIED - 1;
  for (let candidate = port; candidate <= last; candidate += 1) {
    if (options.avoid.includes(candidate)) continue;
    const free = await Promise.all(hosts.map((host) => isFree(host, candidate)));
    if (free.every(Boolean)) return candidate;
  }
  throw new StartError(
    'mesh_port_in_use',
    `Port ${port} is taken by another program. Choose another one or 0 for any.`,
    'mesh-port',
  );
}

/** A family that this machine does not have is no obstacle: libp2p listens on what there is. */
function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'EADDRINUSE' && error.code !== 'EACCES'),
    );
    server.listen({ host, port, ipv6Only: host.includes(':') }, () => server.close(() => resolve(true)));
  });
}
