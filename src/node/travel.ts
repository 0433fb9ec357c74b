// What travels between members besides the ledger, for one session: candles, and searches that are under way.
import type { Ledger } from '../ledger/ledger.ts';
import { type BlobPeer, type BlobShelf, blobPeer, serveBlobs } from './blob-service.ts';
import { DataFetch } from './data-fetch.ts';
import { createDataShelf } from './data-shelf.ts';
import { FetchedData } from './fetched-data.ts';
import type { Mesh } from './mesh.ts';
import type { Scope } from './scope.ts';
import type { SessionDeps } from './session.ts';
import { createWalk, type Walk } from './walk.ts';

const MEGABYTE = 1e6;

export interface Travel {
  data: DataFetch;
  walk: Walk & BlobShelf;
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
  const peers = (): BlobPeer[] => mesh.peers().map(({ peerId, connection }) => blobPeer(peerId, connection));
  const walk = createWalk({
    signer: deps.signer,
    mesh: ledger.meshId,
    folder: directory.walks,
    state: () => ledger.state(),
    live: () => mesh.presences.live(),
    peers,
  });
  scope.onClose(() => walk.stop());
  const shelf = createDataShelf(directory.data, data.has);
  await serveBlobs(mesh, {
    list: async (blob) => (await walk.list(blob)) ?? shelf.list(blob),
    chunk: async (blob, index) => (await walk.chunk(blob, index)) ?? shelf.chunk(blob, index),
    checkpoints: (unit) => walk.checkpoints(unit),
    keep: (signed) => walk.keep(signed),
  });
  const fetch = new DataFetch({
    ...{ data, files, fingerprint },
    quotaBytes: config.dataQuotaMb * MEGABYTE,
    state: () => ledger.state(),
    peers,
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
    walk,
    async candles(hash) {
      void files.touch(hash, deps.now());
      return data.candles(hash);
    },
  };
}
