import { InvalidInput } from './errors.ts';

export type PresetName = 'quick' | 'standard' | 'deep';
export type RiskName = 'low' | 'medium' | 'high';

/** Rates of the traded amount: 0.004 = 0.4 %. */
export interface Costs {
  /** Exchange fee on each side. */
  fee: number;
  /** Adverse price move on each side. */
  slippage: number;
  /** Full bid-ask spread; each side pays half. */
  spread: number;
}

/** Everything that a search needs besides candles and seed. All of it is part of the task's identity. */
export interface SearchSpec {
  v: 1;
  /** `custom` unless population and generations are those of the preset. */
  preset: PresetName | 'custom';
  risk: RiskName;
  population: number;
  generations: number;
  folds: number;
  /** Share of the data at its end that stays sealed: 0.2 = the last fifth. */
  holdout: number;
  /** Most bars left out between an in-sample part and what follows it. */
  embargo: number;
  /** Most bars at the start of each fold that only warm indicators up. */
  warmup: number;
  costs: Costs;
  /** Initial equity in the quote currency. */
  equity: number;
  /** In-sample trades below which a strategy ranks under all that have them. */
  minTrades: number;
  allowShort: boolean;
}

/** Validates a specification from outside. Throws InvalidInput naming the path. */
export function parseSearchSpec(input: unknown): SearchSpec {
  throw new InvalidInput('bad_value', `not yet: ${String(input)}`);
}

/** The specification of a preset, with any of its values replaced. Throws InvalidInput as `parseSearchSpec` does. */
export function presetSpec(options: {
  preset: PresetName;
  risk: RiskName;
  overrides?: Partial<Omit<SearchSpec, 'v' | 'preset' | 'risk' | 'costs'>> & { costs?: Partial<Costs> };
}): SearchSpec {
  throw new InvalidInput('bad_value', `not yet: ${options.preset}`);
}
