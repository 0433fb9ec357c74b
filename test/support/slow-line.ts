// The proxy of slow-line.mjs on a host of its own, which is all that the other hosts of a network can reach.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Lan } from './namespaces.ts';

const PROGRAM = fileURLToPath(new URL('slow-line.mjs', import.meta.url));
const [MESH_PORT, LOBBY_PORT] = [22_071, 22_072];

export interface Weather {
  /** ms that everything takes, one way, and up to how many more. */
  delay: number;
  jitter: number;
  /** Share that is lost, and ms until it is sent again. */
  lost: number;
  resend: number;
  /** ms after which, on average, a connection breaks; 0: never. */
  breaks: number;
}

export const CALM: Weather = { delay: 0, jitter: 0, lost: 0, resend: 0, breaks: 0 };

export class SlowLine {
  /** Where the hosts are reached, the first one first. */
  readonly addresses: string[];
  readonly #child: ChildProcess;

  /** On host `at`, for hosts 1 to `count`, which reach each other no more in any other way. */
  constructor(lan: Lan, at: number, count: number) {
    const hosts = Array.from({ length: count }, (_, i) => i + 1);
    for (const host of hosts) lan.isolate(host);
    const portOf = (host: number): number => 22_100 + 10 * host;
    this.addresses = hosts.map((host) => `/ip4/10.77.0.${at}/tcp/${portOf(host)}`);
    const lines = hosts.flatMap((host) => [
      [portOf(host), `10.77.0.${host}`, MESH_PORT],
      [portOf(host) + 1, `10.77.0.${host}`, LOBBY_PORT],
    ]);
    const [command, ...rest] = [...lan.on(at), process.execPath, PROGRAM, JSON.stringify(lines)];
    this.#child = spawn(command!, rest, { stdio: ['pipe', 'ignore', 'inherit'] });
  }

  set(weather: Weather): void {
    this.#child.stdin!.write(`${JSON.stringify(weather)}\n`);
  }

  close(): void {
    this.#child.kill();
  }
}
