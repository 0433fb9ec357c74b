// The metrics once more, straight from their formulas in docs/engine.md: plain arrays, Math.pow, no running sums.

const YEAR_MS = 365 * 86_400_000;
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]) => (values.length === 0 ? null : sum(values) / values.length);
const most = (values: readonly number[]) => (values.length === 0 ? null : Math.max(...values));
const least = (values: readonly number[]) => (values.length === 0 ? null : Math.min(...values));
const over = (a: number | null, b: number) => (a === null || b === 0 || Number.isNaN(b) ? null : a / b);

/** Sample standard deviation; NaN below two values. */
function deviation(values: readonly number[]): number {
  const middle = mean(values) ?? 0;
  return values.length < 2 ? Number.NaN : Math.sqrt(sum(values.map((x) => (x - middle) ** 2)) / (values.length - 1));
}

/** Of marks from the first close on, the first of them being the initial equity; opened at 50, closed at 60. */
export function curveFormulas(equity: readonly number[], barMs: number): Record<string, number | null> {
  const [first, last] = [equity[0]!, equity.at(-1)!];
  const r = equity.slice(1).map((value, i) => value / equity[i]! - 1);
  const yearly = Math.sqrt(YEAR_MS / barMs);
  const falls = equity.map((value, i) => 1 - value / Math.max(...equity.slice(0, i + 1)));
  const runs = falls.map((fall) => (fall > 0 ? 'x' : ' ')).join('');
  const depth = Math.max(...falls);
  const cagr = (last / first) ** (YEAR_MS / (equity.length * barMs)) - 1;
  const sharpe = over(mean(r), deviation(r));
  const sortino = over(mean(r), Math.sqrt(sum(r.map((value) => Math.min(value, 0) ** 2)) / r.length));
  return {
    netProfit: last - first,
    return: last / first - 1,
    buyAndHoldReturn: 60 / 50 - 1,
    maxDrawdown: depth,
    maxDrawdownBars: most(runs.split(' ').map(({ length }) => length)),
    sharpe: sharpe === null ? null : sharpe * yearly,
    sortino: sortino === null ? null : sortino * yearly,
    // A fortnight's doubling is more in a year than a float64 can hold.
    ...(cagr < 1e200 ? { cagr, calmar: over(cagr, depth) } : {}),
  };
}

/** Of closed trades: profit and bars held. */
export function tradeFormulas(trades: readonly (readonly [number, number])[]): Record<string, number | null> {
  const pnl = trades.map(([profit]) => profit);
  const wins = pnl.filter((profit) => profit > 0);
  const losses = pnl.filter((profit) => profit <= 0);
  const quality = over(mean(pnl), deviation(pnl));
  return {
    trades: pnl.length,
    wins: wins.length,
    winRate: over(wins.length, pnl.length),
    profitFactor: over(sum(wins), -sum(losses)),
    expectancy: mean(pnl),
    averageWin: mean(wins),
    averageLoss: mean(losses),
    largestWin: most(wins),
    largestLoss: least(losses),
    sqn: quality === null ? null : Math.sqrt(pnl.length) * quality,
    averageBarsHeld: mean(trades.map(([, held]) => held)),
  };
}
