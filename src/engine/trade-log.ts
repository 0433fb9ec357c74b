/** Why a position ended; `end`: it did not, it is marked at the last close of the window. */
export const REASONS = ['signal', 'stop', 'target', 'trailing', 'break_even', 'time', 'end', 'liquidation'] as const;
export type Reason = (typeof REASONS)[number];

export interface Trade {
  /** Bars of the candles that the run was given. */
  entryBar: number;
  exitBar: number;
  units: number;
  entryPrice: number;
  exitPrice: number;
  /** After funding and the fees of both sides (of the entry alone while the position is open). */
  pnl: number;
  fees: number;
  /** Funding paid, less what was received; 0 but for perpetual futures. */
  funding: number;
  reason: Reason;
}

/** Trades in columns that grow; cleared, not allocated, for each run. */
export class TradeLog {
  length = 0;
  entryBar = new Int32Array(256);
  exitBar = new Int32Array(256);
  reason = new Uint8Array(256);
  units = new Float64Array(256);
  entryPrice = new Float64Array(256);
  exitPrice = new Float64Array(256);
  pnl = new Float64Array(256);
  fees = new Float64Array(256);
  funding = new Float64Array(256);

  clear(): void {
    this.length = 0;
  }

  #grow(): void {
    const size = this.entryBar.length * 2;
    const grown = <T extends Int32Array | Uint8Array | Float64Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.entryBar = grown(this.entryBar, new Int32Array(size));
    this.exitBar = grown(this.exitBar, new Int32Array(size));
    this.reason = grown(this.reason, new Uint8Array(size));
    this.units = grown(this.units, new Float64Array(size));
    this.entryPrice = grown(this.entryPrice, new Float64Array(size));
    this.exitPrice = grown(this.exitPrice, new Float64Array(size));
    this.pnl = grown(this.pnl, new Float64Array(size));
    this.fees = grown(this.fees, new Float64Array(size));
    this.funding = grown(this.funding, new Float64Array(size));
  }

  /** Returns the row to fill. */
  add(): number {
    if (this.length === this.entryBar.length) this.#grow();
    return this.length++;
  }

  at(row: number): Trade {
    return {
      entryBar: this.entryBar[row]!,
      exitBar: this.exitBar[row]!,
      units: this.units[row]!,
      entryPrice: this.entryPrice[row]!,
      exitPrice: this.exitPrice[row]!,
      pnl: this.pnl[row]!,
      fees: this.fees[row]!,
      funding: this.funding[row]!,
      reason: REASONS[this.reason[row]!]!,
    };
  }

  list(): Trade[] {
    return Array.from({ length: this.length }, (_, row) => this.at(row));
  }
}
