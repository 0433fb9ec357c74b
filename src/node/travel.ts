// What travels between members besides the ledger, for one session: candles that are asked for here, and the answers to
// those that others ask for.
import type { Ledger } from '../ledger/ledger.ts';
import { blobPeer, serveBlobs } from './blob-service.ts';
import { DataFetch } from './data-fetch.ts';
import { createDataShelf } from './data-shelf.ts';
import { FetchedData } from './fetched-data.ts';
import type { Mesh } from './mesh.ts';
import type { Scope } from './scope.ts';
import type { SessionDeps } from './session.ts';

const MEGABYTE = 1e6;

export interface Travel {
  data: DataFetch;
  /** Asked for, and used: it is the last to be thrown away. */
  candles: SessionDeps['data']['candles'];
}

export interface TravelEvents {
  /** What is said of a missing data set has changed. */
  changed(): void;
  /** Candles are here that were not before. */
  arrived(): void;
}

export async function startTravel(
  deps: SessionDeps,
  { ledger, mesh, scope }: { ledger: Ledger; mesh: Mesh; scope: Scope },
  told: TravelEvents,
): Promise<Travel> {
  const { data, directory, config, fingerprint, events } = deps;
  const files = new FetchedData(directory.data);
  await serveBlobs(mesh, { ...createDataShelf(directory.data, data.has), checkpoint: () => undefined });
  const fetch = new DataFetch({
    ...{ data, files, fingerprint },
    quotaBytes: config.dataQuotaMb * MEGABYTE,
    state: () => ledger.state(),
    peers: () => mesh.peers().map(({ peerId, connection }) => blobPeer(peerId, connection)),
    events: {
      changed: told.changed,
      arrived(info) {
        events.emit('dataset.added', `${info.symbol}: ${info.bars} candles came from another member.`, {
          hash: info.hash,
        });
        told.arrived();
      },
      problem: events.problem,
      solved: events.solved,
    },
  });
  scope.onClose(() => fetch.stop());
  return {
    data: fetch,
    async candles(hash) {
      void files.touch(hash, deps.now());
      return data.candles(hash);
    },
  };
}
