// Gossip between simulated machines: lossy, twice, late; handed on by whoever accepts it.
import { compareText, type Hex, sha256, toHex } from '../../src/protocol/bytes.ts';
import type { Instance } from './network.ts';

type Validator = (from: { toString(): string }, message: { data: Uint8Array }) => unknown;

/** Each hands on what its validator accepts, once. */
export class Gossip {
  readonly topicValidators = new Map<string, Validator>();
  readonly #instance: Instance;
  readonly #topics = new Set<string>();
  readonly #seen = new Set<Hex>();

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  subscribe(topic: string): void {
    this.#topics.add(topic);
  }

  getSubscribers(): unknown[] {
    return this.#instance.getConnections();
  }

  async publish(topic: string, data: Uint8Array): Promise<void> {
    this.#seen.add(toHex(sha256(data)));
    this.#spread(topic, data, '');
  }

  #spread(topic: string, data: Uint8Array, except: string): void {
    const { network } = this.#instance;
    const ends = this.#instance.getConnections().sort((a, b) => compareText(a.remote.address, b.remote.address));
    for (const { remote } of ends) {
      if (remote.peerId === except || !network.passes(this.#instance.host, remote.host)) continue;
      if (network.chance.is(network.weather.loss)) continue;
      const carried = network.carry({ from: this.#instance.host, to: remote.host, protocol: topic }, data);
      const times = network.chance.is(network.weather.twice) ? 2 : 1;
      for (let i = 0; i < times; i += 1) {
        const late = network.chance.is(0.05) ? network.chance.between(0, 20_000) : 0;
        network.world.after(network.latency() + late, () =>
          remote.services.pubsub.hear(topic, carried, this.#instance),
        );
      }
    }
  }

  /** Some other instance says it, who may be anybody that is connected. */
  hear(topic: string, data: Uint8Array, from: Instance): void {
    const { process, network } = this.#instance;
    if (process.ended || process.sleepsUntil > network.world.now || !this.#topics.has(topic)) return;
    const id = toHex(sha256(data));
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    const validate = this.topicValidators.get(topic);
    network.world.inside(process, async () => {
      const verdict = await Promise.resolve(validate?.({ toString: () => from.peerId }, { data })).catch(
        () => 'ignore',
      );
      if (verdict === 'accept') this.#spread(topic, data, from.peerId);
      // What was not taken is taken from another, or later: only what was accepted is never heard again.
      else if (verdict === 'ignore') this.#seen.delete(id);
    });
  }
}
