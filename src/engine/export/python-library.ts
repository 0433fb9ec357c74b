// The engine's indicators and comparisons as plain Python, with the same seeds and conventions (docs/engine.md). A function
// takes columns (lists) and gives columns; what is not defined yet is NaN, and a comparison with it is false.

interface Piece {
  needs: readonly string[];
  source: string;
}

const piece = (source: string, ...needs: string[]): Piece => ({ needs, source: source.trim() });

/** In the order in which they are written out. */
const PYTHON_PIECES: Readonly<Record<string, Piece>> = {
  windows: piece(`
def windows(values, period, best):
    return [NAN if i < period - 1 else best(values[i - period + 1:i + 1]) for i in range(len(values))]
`),
  sma: piece(
    `
def sma(values, period):
    return windows(values, period, lambda window: math.fsum(window) / period)
`,
    'windows',
  ),
  smooth: piece(
    `
def smooth(values, first, period):
    return [NAN] * first + sma(values[first:], period)
`,
    'sma',
  ),
  recursive: piece(`
def recursive(values, first, period, weight):
    """Seeded with the mean of the first values; then the old average and the new value by weight."""
    out = [NAN] * len(values)
    begin = first + period - 1
    if begin >= len(values):
        return out
    out[begin] = average = math.fsum(values[first:begin + 1]) / period
    for i in range(begin + 1, len(values)):
        out[i] = average = average + weight * (values[i] - average)
    return out
`),
  ema: piece(
    `
def ema(values, period, first=0):
    return recursive(values, first, period, 2 / (period + 1))
`,
    'recursive',
  ),
  wilder: piece(
    `
def wilder(values, period, first=0):
    return recursive(values, first, period, 1 / period)
`,
    'recursive',
  ),
  rsi: piece(
    `
def rsi(bars, period):
    close = bars.close
    changes = [NAN] + [close[i] - close[i - 1] for i in range(1, len(close))]
    rises = wilder([max(change, 0.0) for change in changes], period, 1)
    falls = wilder([max(-change, 0.0) for change in changes], period, 1)
    return [g if g != g else 50.0 if g + l == 0 else 100 * g / (g + l) for g, l in zip(rises, falls)]
`,
    'wilder',
  ),
  ranges: piece(`
def ranges(bars):
    out = []
    for i in range(len(bars.close)):
        before = bars.close[i - 1] if i > 0 else bars.close[0]
        high, low = bars.high[i], bars.low[i]
        out.append(high - low if i == 0 else max(high - low, abs(high - before), abs(low - before)))
    return out
`),
  atr: piece(
    `
def atr(bars, period):
    return wilder(ranges(bars), period)
`,
    'ranges',
    'wilder',
  ),
  macd: piece(
    `
def macd(bars, fast, slow, signal, output):
    line = [a - b for a, b in zip(ema(bars.close, fast), ema(bars.close, slow))]
    trigger = ema(line, signal, slow - 1)
    return {"macd": line, "signal": trigger, "histogram": [a - b for a, b in zip(line, trigger)]}[output]
`,
    'ema',
  ),
  bollinger: piece(`
def bollinger(bars, period, deviations, output):
    out = []
    for i in range(len(bars.close)):
        window = bars.close[max(0, i - period + 1):i + 1]
        if len(window) < period:
            out.append(NAN)
            continue
        mean = math.fsum(window) / period
        reach = deviations * math.sqrt(math.fsum((value - mean) * (value - mean) for value in window) / period)
        out.append({
            "upper": mean + reach,
            "middle": mean,
            "lower": mean - reach,
            "percent_b": 0.5 if reach == 0 else 0.5 + (bars.close[i] - mean) / (2 * reach),
            "width": 2 * reach / mean,
        }[output])
    return out
`),
  stochastic: piece(
    `
def stochastic(bars, period, smoothing, signal, output):
    tops, bottoms = windows(bars.high, period, max), windows(bars.low, period, min)
    raw = [t if t != t else 50.0 if t == b else 100 * (c - b) / (t - b) for c, t, b in zip(bars.close, tops, bottoms)]
    k = smooth(raw, period - 1, smoothing)
    return k if output == "k" else smooth(k, period + smoothing - 2, signal)
`,
    'windows',
    'smooth',
  ),
  donchian: piece(
    `
def donchian(bars, period, output):
    upper, lower = windows(bars.high, period, max), windows(bars.low, period, min)
    return {"upper": upper, "lower": lower, "middle": [(a + b) / 2 for a, b in zip(upper, lower)]}[output]
`,
    'windows',
  ),
  roc: piece(`
def roc(bars, period):
    close = bars.close
    return [NAN if i < period else 100 * (close[i] - close[i - period]) / close[i - period] for i in range(len(close))]
`),
  cci: piece(`
def cci(bars, period):
    typical = [(h + l + c) / 3 for h, l, c in zip(bars.high, bars.low, bars.close)]
    out = [NAN] * len(typical)
    for i in range(period - 1, len(typical)):
        window = typical[i - period + 1:i + 1]
        mean = math.fsum(window) / period
        apart = math.fsum(abs(value - mean) for value in window) / period
        out[i] = 0.0 if apart < 1e-12 * abs(mean) else (typical[i] - mean) / (0.015 * apart)
    return out
`),
  williams_r: piece(
    `
def williams_r(bars, period):
    tops, bottoms = windows(bars.high, period, max), windows(bars.low, period, min)
    return [t if t != t else -50.0 if t == b else 100 * (c - t) / (t - b) for c, t, b in zip(bars.close, tops, bottoms)]
`,
    'windows',
  ),
  adx: piece(
    `
def adx(bars, period, output):
    high, low, n = bars.high, bars.low, len(bars.close)
    rises, falls = [NAN] * min(n, 1), [NAN] * min(n, 1)
    for i in range(1, n):
        up, down = high[i] - high[i - 1], low[i - 1] - low[i]
        rises.append(up if up > down and up > 0 else 0.0)
        falls.append(down if down > up and down > 0 else 0.0)
    plus, minus, reach = wilder(rises, period, 1), wilder(falls, period, 1), wilder(ranges(bars), period, 1)
    if output != "adx":
        return [m if m != m else 0.0 if r == 0 else 100 * m / r for m, r in zip(plus if output == "plus_di" else minus, reach)]
    directions = [p if p != p else 0.0 if p + m == 0 else 100 * abs(p - m) / (p + m) for p, m in zip(plus, minus)]
    return wilder(directions, period, period)
`,
    'ranges',
    'wilder',
  ),
  obv: piece(`
def obv(bars):
    out, total = [], 0.0
    for i in range(len(bars.close)):
        change = 0.0 if i == 0 else bars.close[i] - bars.close[i - 1]
        total += bars.volume[i] if change > 0 else -bars.volume[i] if change < 0 else 0.0
        out.append(total)
    return out
`),
  vwap: piece(`
def weighted(bars, first, last):
    traded = math.fsum(bars.volume[first:last + 1])
    if traded == 0:
        return NAN
    return math.fsum((bars.high[k] + bars.low[k] + bars.close[k]) / 3 * bars.volume[k] for k in range(first, last + 1)) / traded


def vwap(bars, period):
    return [NAN if i < period - 1 else weighted(bars, i - period + 1, i) for i in range(len(bars.close))]
`),
  vwap_day: piece(`
def vwap_day(bars):
    out, day, traded, money = [], None, 0.0, 0.0
    for i in range(len(bars.close)):
        if bars.time[i] // 86400000 != day:
            day, traded, money = bars.time[i] // 86400000, 0.0, 0.0
        traded += bars.volume[i]
        money += (bars.high[i] + bars.low[i] + bars.close[i]) / 3 * bars.volume[i]
        out.append(money / traded if traded > 0 else NAN)
    return out
`),
  larger: piece(`
def larger(bars, bar_ms, frame_ms):
    """Larger bars by UTC boundaries, and for each bar the last of them that has closed at its close (-1: none yet)."""
    frames = []
    for i, time in enumerate(bars.time):
        start = time // frame_ms * frame_ms
        if not frames or frames[-1][0] != start:
            frames.append([start, i, i])
        frames[-1][2] = i
    if frames and bars.time[0] - frames[0][0] >= bar_ms:
        frames.pop(0)
    if frames and frames[-1][0] + frame_ms > bars.time[-1] + bar_ms:
        frames.pop()
    made = Bars(
        [start for start, _, _ in frames],
        [bars.open[a] for _, a, _ in frames],
        [max(bars.high[a:b + 1]) for _, a, b in frames],
        [min(bars.low[a:b + 1]) for _, a, b in frames],
        [bars.close[b] for _, _, b in frames],
        [sum(bars.volume[a:b + 1]) for _, a, b in frames],
    )
    closed, last = [], -1
    for time in bars.time:
        while last + 1 < len(frames) and frames[last + 1][0] + frame_ms <= time + bar_ms:
            last += 1
        closed.append(last)
    return made, closed
`),
};

export const PYTHON_BASE = `
NAN = float("nan")


class Bars:
    def __init__(self, time, open_, high, low, close, volume):
        self.time = list(time)
        self.open, self.high, self.low, self.close, self.volume = (
            [float(value) for value in column] for column in (open_, high, low, close, volume)
        )


def at(column, ago, times):
    return [NAN if i < ago else column[i - ago] * times for i in range(len(column))]


def seen(column, closed, ago, times):
    """A column of larger bars as the smaller ones see it."""
    return [NAN if k - ago < 0 else column[k - ago] * times for k in closed]


def above(left, right):
    return [a > b for a, b in zip(left, right)]


def crosses(left, right):
    return [i > 0 and left[i - 1] <= right[i - 1] and left[i] > right[i] for i in range(len(left))]


def all_of(*columns):
    return [all(values) for values in zip(*columns)]


def any_of(*columns):
    return [any(values) for values in zip(*columns)]
`.trim();

/** The pieces of these names and what they need, in order. */
export function pythonPieces(names: Iterable<string>): string {
  const wanted = new Set<string>();
  const add = (name: string): void => {
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const need of PYTHON_PIECES[name]!.needs) add(need);
  };
  for (const name of names) add(name);
  return Object.entries(PYTHON_PIECES)
    .filter(([name]) => wanted.has(name))
    .map(([, { source }]) => source)
    .join('\n\n\n');
}
