// Hosts of their own on one machine: network namespaces joined by a bridge in a further namespace, all made here and
// removed again. Needs root and iproute2 (Linux).
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';

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

  /** `count` hosts, 10.77.0.1 and on, each with a machine id, with multicast and without a route to anywhere else. */
  constructor(count: number) {
    this.#count = count;
    const hub = `${this.#prefix}h`;
    ip('netns', 'add', hub);
    ip('-n', hub, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', hub, 'link', 'set', 'br0', 'up');
    for (let n = 1; n <= count; n += 1) {
      const host = this.#name(n);
      ip('netns', 'add', host);
      // What lies there stands in the place of the file of that name in /etc for whatever runs on the host.
      mkdirSync(etcOf(host), { recursive: true });
      writeFileSync(`${etcOf(host)}/machine-id`, `${host}\n`);
      ip('link', 'add', 'eth0', 'netns', host, 'type', 'veth', 'peer', 'name', `p${n}`, 'netns', hub);
      ip('-n', hub, 'link', 'set', `p${n}`, 'master', 'br0');
      ip('-n', hub, 'link', 'set', `p${n}`, 'up');
      ip('-n', host, 'address', 'add', `10.77.0.${n}/24`, 'dev', 'eth0');
      for (const link of ['lo', 'eth0']) ip('-n', host, 'link', 'set', link, 'up');
      ip('-n', host, 'route', 'add', '224.0.0.0/4', 'dev', 'eth0');
    }
  }

  /** Carrier lost, as by leaving the radio's reach: the host sees its address go. */
  unplug(host: number): void {
    ip('-n', this.#name(host), 'link', 'set', 'eth0', 'down');
  }

  plugIn(host: number): void {
    ip('-n', this.#name(host), 'link', 'set', 'eth0', 'up');
    ip('-n', this.#name(host), 'route', 'replace', '224.0.0.0/4', 'dev', 'eth0');
  }

  /** Nothing passes, and the host is not told. */
  cut(host: number): void {
    ip('-n', `${this.#prefix}h`, 'link', 'set', `p${host}`, 'nomaster');
  }

  join(host: number): void {
    ip('-n', `${this.#prefix}h`, 'link', 'set', `p${host}`, 'master', 'br0');
  }

  /** It reaches no other host that is isolated, and nobody is told. */
  isolate(host: number): void {
    ip('-n', `${this.#prefix}h`, 'link', 'set', `p${host}`, 'type', 'bridge_slave', 'isolated', 'on');
  }

  /** What `from` sends to `to` is lost on the way, and nobody is told; the other direction is open. */
  silence(from: number, to: number): void {
    const nobody = '02:00:00:00:00:01';
    ip(
      '-n',
      this.#name(from),
      'neigh',
      'replace',
      `10.77.0.${to}`,
      'lladdr',
      nobody,
      'nud',
      'permanent',
      'dev',
      'eth0',
    );
  }

  unsilence(from: number, to: number): void {
    ip('-n', this.#name(from), 'neigh', 'delete', `10.77.0.${to}`, 'dev', 'eth0');
  }

  /** Each host also gets an IPv6 address, fd77::1 and on. */
  addIpv6(): void {
    for (let n = 1; n <= this.#count; n += 1)
      ip('-n', this.#name(n), 'address', 'add', `fd77::${n}/64`, 'dev', 'eth0', 'nodad');
  }

  /** Another IPv4 address, such as 10.77.0.30/24, or none at all; an IPv6 one stays. */
  readdress(host: number, address: string | undefined): void {
    ip('-n', this.#name(host), '-4', 'address', 'flush', 'dev', 'eth0');
    if (address === undefined) return;
    ip('-n', this.#name(host), 'address', 'add', address, 'dev', 'eth0');
    ip('-n', this.#name(host), 'route', 'replace', '224.0.0.0/4', 'dev', 'eth0');
  }

  /** Words before a command that make it run on that host, counted from 1. */
  on(host: number): string[] {
    return ['ip', 'netns', 'exec', this.#name(host)];
  }

  close(): void {
    for (let n = 1; n <= this.#count; n += 1) {
      ip('netns', 'delete', this.#name(n));
      rmSync(etcOf(this.#name(n)), { recursive: true, force: true });
    }
    ip('netns', 'delete', `${this.#prefix}h`);
  }

  #name(host: number): string {
    return `${this.#prefix}n${host}`;
  }
}

const etcOf = (host: string): string => `/etc/netns/${host}`;
