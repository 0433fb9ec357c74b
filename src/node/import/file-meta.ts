// What a file's name and its symbol column tell about the market.
import { basename } from 'node:path';
import type { FileMeta } from '../../engine/import/import-candles.ts';

const QUOTES = ['USDT', 'USDC', 'FDUSD', 'BUSD', 'USD', 'EUR', 'GBP', 'JPY', 'BTC', 'ETH'];
const EXCHANGES = ['binance', 'coinbase', 'kraken', 'bitstamp', 'bitfinex', 'gemini', 'okx', 'bybit'];
const NAME_CHARS_MAX = 40;

const isExchange = (part: string): boolean => EXCHANGES.includes(part.toLowerCase());

/** Who made the files of a format, where only one does. */
const MAKERS: Readonly<Record<string, string>> = {
  'Kraken OHLCVT': 'kraken',
  'Binance klines': 'binance',
  Coinbase: 'coinbase',
};

/**
 * The parts of a name: `BTC-USD_5m_coinbase`, `Binance_BTCUSDT_1h`, `BTCUSDT-1m-2025-01`, `XBTUSD_60`, `COINBASE_BTCUSD, 60`.
 */
function partsOf(path: string): { symbol: string | undefined; source: string | undefined } {
  const name = basename(path).replace(/(?:\.(?:gz|csv|zip))+$/i, '');
  const archive = /^([A-Z0-9]+)-(?:\d+(?:s|m|h|d|w|mo))-\d{4}-\d\d(?:-\d\d)?$/.exec(name);
  if (archive !== null) return { symbol: archive[1], source: undefined };
  const parts = name.split(/,? |_/);
  const [first] = parts;
  if (first !== undefined && isExchange(first) && parts.length > 1)
    return { symbol: parts[1], source: first.toLowerCase() };
  return { symbol: first, source: parts.length > 2 ? parts.at(-1) : undefined };
}

/**
 * Symbol, quote and source of a file. What is given comes first, then what the file says in its rows, then its name; what
 * nobody tells is `unknown`.
 */
export function metaOfFile(
  path: string,
  given: Partial<FileMeta> = {},
  told: { symbol?: string | null; format?: string } = {},
): FileMeta {
  const parts = partsOf(path);
  const symbol = (given.symbol ?? told.symbol?.replaceAll('/', '-') ?? (parts.symbol || 'unknown')).slice(
    0,
    NAME_CHARS_MAX,
  );
  const head = symbol.replace(/-perp$/i, '').toUpperCase();
  const quote = given.quote ?? QUOTES.find((name) => head.endsWith(name) && head !== name) ?? 'unknown';
  const source = given.source ?? (parts.source ?? MAKERS[told.format ?? ''] ?? 'unknown').slice(0, NAME_CHARS_MAX);
  return { symbol, quote, source };
}
