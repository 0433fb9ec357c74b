// What becomes of the candles that this machine holds, or could hold: who else has them, how they are taken away, and how they
// come back.
import { type Hex, toHex } from '../protocol/bytes.ts';
import { type MemberView, RequestError } from '../ui/api.ts';
import type { DataPort, HolderView } from '../ui/api-data.ts';
import { askList, blobPeer } from './blob-service.ts';
import type { CandleCache } from './candle-cache.ts';
import type { DataDirectory } from './data-directory.ts';
import type { Events } from './events.ts';
import { forgetOrigin } from './import/origin.ts';
import { openJobs } from './open-work.ts';
import type { Session } from './session.ts';

export interface OwnDataDeps {
  directory: DataDirectory;
  data: CandleCache;
  events: Events;
  session(): Session | undefined;
  members(): Pick<MemberView, 'peerId' | 'name'>[];
}

/** Who has not answered by then is not waited for. */
const ANSWER_MS = 8_000;

export function ownData(deps: OwnDataDeps): Pick<DataPort, 'holders' | 'fetchData' | 'removeData'> {
  const find = (hash: string) => {
    const info = deps.data.list().find((each) => each.hash === hash);
    if (info !== undefined) return info;
    throw new RequestError(
      'dataset_missing',
      'This node does not hold that data set, and no job of its mesh names it.',
      {
        status: 404,
      },
    );
  };
  const isNamed = (session: Session | undefined, hash: string): session is Session =>
    [...(session?.ledger.state().jobs.values() ?? [])].some(({ job }) => toHex(job.dataset) === hash);
  return {
    async holders(hash) {
      const session = deps.session();
      if (!isNamed(session, hash)) find(hash);
      const names = new Map(deps.members().map(({ peerId, name }) => [peerId, name]));
      return { items: session === undefined ? [] : await askAll(session, names, hash), next: null };
    },
    async fetchData(hash) {
      const session = deps.session();
      if (isNamed(session, hash)) await session.travel.data.want(hash);
      else find(hash);
      return { hash };
    },
    async removeData(hash) {
      const { symbol, bars } = find(hash);
      const job = jobThatNeeds(deps.session(), hash);
      if (job !== undefined) {
        const message = `“${job}” needs these candles and is not done: stop it first.`;
        throw new RequestError('dataset_needed', message, { status: 409 });
      }
      await deps.data.remove(hash);
      await forgetOrigin(deps.directory.data, hash);
      deps.events.emit('dataset.removed', `${symbol}: ${bars} candles were taken off this machine.`, { hash });
      return { hash };
    },
  };
}

/** The name of a job that is neither done nor stopped. */
function jobThatNeeds(session: Session | undefined, hash: Hex): string | undefined {
  if (session === undefined) return undefined;
  return openJobs(session.ledger.state()).find(({ job }) => toHex(job.dataset) === hash)?.job.name;
}

/** Every member that is connected, in order of name. */
async function askAll({ mesh }: Session, names: ReadonlyMap<string, string>, hash: Hex): Promise<HolderView[]> {
  const asked = mesh.peers().map(async ({ peerId, connection }): Promise<HolderView> => {
    const answer = blobPeer(peerId, connection).talk((ask) => askList(ask, hash));
    const has = await Promise.race([answer.then((list) => list !== undefined), late()]).catch(() => null);
    return { peerId, name: names.get(peerId) ?? peerId, has };
  });
  return (await Promise.all(asked)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function late(): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), ANSWER_MS).unref();
  });
}
