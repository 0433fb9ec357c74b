// Addresses of the owner's other machines on a Tailscale network, asked of the `tailscale` command where there is one. They
// are places to dial and nothing else: who is let in, the ledger says.
//
// The command's JSON has no promised form, so whatever is missing or odd in it is left out.
import { isIP } from 'node:net';
import type { RunCommand } from './run-command.ts';

/** On a Mac and on Windows the command is not always on the path. */
const COMMANDS = [
  'tailscale',
  '/Applications/Tailscale.app/Contents/MacOS/Tailscale',
  'C:\\Program Files\\Tailscale\\tailscale.exe',
];
const ANSWER_MS = 5000;
const LOOK_MS = 60_000;
const MACHINES_MAX = 64;

type Loose = Record<string, unknown>;

/** One IP address for each machine that is online and belongs to the same user as this one; empty when not connected. */
export function parseTailnet(text: string): string[] {
  const status = parse(text);
  if (status.BackendState !== undefined && status.BackendState !== 'Running') return [];
  const owner = object(status.Self).UserID;
  return Object.values(object(status.Peer))
    .map(object)
    .filter(({ Online, UserID }) => Online === true && typeof UserID === 'number' && UserID === owner)
    .flatMap((peer) => addressOf(peer) ?? [])
    .slice(0, MACHINES_MAX);
}

/** IPv4 before IPv6: one road to each machine is enough. */
function addressOf({ TailscaleIPs, TailAddr }: Loose): string | undefined {
  const listed: unknown[] = Array.isArray(TailscaleIPs) ? TailscaleIPs : [TailAddr];
  const valid = listed.filter((ip): ip is string => typeof ip === 'string' && isIP(ip) !== 0);
  return valid.find((ip) => isIP(ip) === 4) ?? valid[0];
}

function parse(text: string): Loose {
  try {
    return object(JSON.parse(text));
  } catch {
    return {};
  }
}

function object(value: unknown): Loose {
  return typeof value === 'object' && value !== null ? (value as Loose) : {};
}

export interface TailnetDeps {
  run: RunCommand;
  /** Multiaddrs, the first time and whenever they have changed. */
  onChange(addresses: string[]): void;
}

export interface Tailnet {
  /** Asks now: the network has changed. */
  look(): void;
  stop(): void;
}

/** `port`: where members listen. A machine without the command is asked for it again every minute, which costs nothing. */
export function watchTailnet({ run, onChange }: TailnetDeps, port: number): Tailnet {
  let last = '';
  let asking = false;
  async function look(): Promise<void> {
    if (asking) return;
    asking = true;
    const ips = parseTailnet(await ask(run));
    asking = false;
    const addresses = ips.map((ip) => `/ip${isIP(ip)}/${ip}/tcp/${port}`);
    if (addresses.join() === last) return;
    last = addresses.join();
    onChange(addresses);
  }
  const timer = setInterval(() => void look(), LOOK_MS);
  void look();
  return { look: () => void look(), stop: () => clearInterval(timer) };
}

async function ask(run: RunCommand): Promise<string> {
  for (const command of COMMANDS) {
    const { code, stdout } = await run(command, ['status', '--json'], ANSWER_MS);
    // Logged out or stopped, some versions end with 1 and say so in JSON all the same.
    if (code !== null) return stdout;
  }
  return '';
}
