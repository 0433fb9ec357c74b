// Hosts of their own on one machine: network namespaces joined by a bridge in a further namespace, all made here and
// removed again. Needs root and iproute2 (Linux).
import { execFileSync } from 'node:child_process';

const ip = (...args: string[]): string =>
  execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Why there can be no namespaces here; undefined where there can. */
export function whyNoNamespaces(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'network namespaces need Linux and root';
  try {
    ip('netns', 'add', 'smesh-probe');
    ip('netns', 'delete', 'smesh-probe');
    return undefined;
  } catch (error) {
    return `network namespaces cannot be made here: ${(error as Error).message.split('\n')[0]}`;
  }
}

export class Lan {
  readonly #prefix = `sm${process.pid}`;
  readonly #count: number;

  /** `count` hosts, 10.77.0.1 and on, with multicast and without a route to anywhere else. */
  constructor(count: number) {
    this.#count = count;
    const hub = `${this.#prefix}h`;
    ip('netns', 'add', hub);
    ip('-n', hub, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', hub, 'link', 'set', 'br0', 'up');
    for (let n = 1; n <= count; n += 1) {
      const host = this.#name(n);
      ip('netns', 'add', host);
      ip('link', 'add', 'eth0', 'netns', host, 'type', 'veth', 'peer', 'name', `p${n}`, 'netns', hub);
      ip('-n', hub, 'link', 'set', `p${n}`, 'master', 'br0');
      ip('-n', hub, 'link', 'set', `p${n}`, 'up');
      ip('-n', host, 'address', 'add', `10.77.0.${n}/24`, 'dev', 'eth0');
      for (const link of ['lo', 'eth0']) ip('-n', host, 'link', 'set', link, 'up');
      ip('-n', host, 'route', 'add', '224.0.0.0/4', 'dev', 'eth0');
    }
  }

  /** Words before a command that make it run on that host, counted from 1. */
  on(host: number): string[] {
    return ['ip', 'netns', 'exec', this.#name(host)];
  }

  close(): void {
    for (let n = 1; n <= this.#count; n += 1) ip('netns', 'delete', this.#name(n));
    ip('netns', 'delete', `${this.#prefix}h`);
  }

  #name(host: number): string {
    return `${this.#prefix}n${host}`;
  }
}
