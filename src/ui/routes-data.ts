// Routes to candles that come from exchanges.
import type { z } from 'zod';
import { DownloadAnswer, DownloadsAnswer, ExchangesAnswer, HoldersAnswer, NamedDataAnswer } from './answers-data.ts';
import { DownloadBody, EmptyBody, IdPath, NoQuery } from './inputs.ts';
import { type Route, read, readOne, write } from './route.ts';

const all = <T>(items: T[]) => ({ items, next: null });
const idIn = (params: unknown): string => (params as z.output<typeof IdPath>).id;

export const DATA_ROUTES: readonly Route[] = [
  read('/api/v1/exchanges', 'Exchanges that candles can be downloaded from', NoQuery, ExchangesAnswer, ({ node }) =>
    all(node.exchanges()),
  ),
  read('/api/v1/downloads', 'Downloads under way, and the last ones', NoQuery, DownloadsAnswer, ({ node }) =>
    all(node.downloads()),
  ),
  {
    ...write('/api/v1/downloads', 'Downloads candles', DownloadBody, DownloadAnswer, ({ node }, body) =>
      node.startDownload(body),
    ),
    status: 202,
  },
  {
    ...write(
      '/api/v1/datasets/:id/update',
      'Brings a data set up to date, as a new one',
      EmptyBody,
      DownloadAnswer,
      () => undefined,
    ),
    ...{ status: 202 as const, params: IdPath },
    run: ({ node }, { params }) => node.updateData(idIn(params)),
  },
  readOne(
    '/api/v1/datasets/:id/holders',
    'Which members that are connected have a data set; they are asked now',
    IdPath,
    HoldersAnswer,
    ({ node }, { id }) => node.holders(id),
  ),
  {
    ...write(
      '/api/v1/datasets/:id/fetch',
      'Asks for the candles of a job; they come as soon as a member has them',
      EmptyBody,
      NamedDataAnswer,
      () => undefined,
    ),
    ...{ status: 202 as const, params: IdPath },
    run: ({ node }, { params }) => node.fetchData(idIn(params)),
  },
  {
    ...write(
      '/api/v1/datasets/:id/remove',
      'Takes a data set off this machine',
      EmptyBody,
      NamedDataAnswer,
      () => undefined,
    ),
    params: IdPath,
    run: ({ node }, { params }) => node.removeData(idIn(params)),
  },
  {
    ...write(
      '/api/v1/downloads/:id/cancel',
      'Ends a download; what has come is kept',
      EmptyBody,
      DownloadAnswer,
      () => undefined,
    ),
    params: IdPath,
    run: ({ node }, { params }) => node.cancelDownload(idIn(params)),
  },
];
