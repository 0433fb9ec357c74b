// Reads one JSON object from outside, key by key: every key must be known, every fault names its path.
import { InvalidInput } from './errors.ts';

export interface NumberRule {
  min: number;
  max: number;
  integer?: boolean;
  /** The lower limit itself is refused. */
  aboveMin?: boolean;
  /** The upper limit itself is refused. */
  belowMax?: boolean;
}

/** How a value reads in a message, short. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Returns `value` as a finite number that keeps `rule`. Throws `bad_value` or `out_of_range` at `path`. */
function checkNumber(value: unknown, path: string, rule: NumberRule): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new InvalidInput('bad_value', `${path} must be a finite number, not ${shown(value)}`, path);
  }
  if (rule.integer === true && !Number.isSafeInteger(value)) {
    throw new InvalidInput('bad_value', `${path} must be a whole number, not ${shown(value)}`, path);
  }
  const tooLow = rule.aboveMin === true ? value <= rule.min : value < rule.min;
  const tooHigh = rule.belowMax === true ? value >= rule.max : value > rule.max;
  if (tooLow || tooHigh) {
    const low = `${rule.aboveMin === true ? 'more than' : 'at least'} ${rule.min}`;
    const high = `${rule.belowMax === true ? 'less than' : 'at most'} ${rule.max}`;
    throw new InvalidInput('out_of_range', `${path} must be ${low} and ${high}, not ${value}`, path);
  }
  return value === 0 ? 0 : value;
}

/** Returns `value` as one of `choices`. Throws `code` (default `bad_value`) at `path`. */
export function checkChoice<T extends string>(
  value: unknown,
  path: string,
  choices: readonly T[],
  code = 'bad_value',
): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    throw new InvalidInput(code, `${path} must be one of ${choices.join(', ')}, not ${shown(value)}`, path);
  }
  return found;
}

/** Returns `value` as an array of `min` to `max` items. */
export function checkArray(value: unknown, path: string, min: number, max: number): unknown[] {
  if (!Array.isArray(value)) throw new InvalidInput('bad_value', `${path} must be a list`, path);
  if (value.length < min || value.length > max) {
    throw new InvalidInput('out_of_range', `${path} must have ${min} to ${max} items, not ${value.length}`, path);
  }
  return value;
}

export class ObjectReader {
  readonly path: string;
  readonly #object: Record<string, unknown>;
  readonly #left: Set<string>;

  /** Throws `bad_value` unless `value` is a plain object. */
  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InvalidInput('bad_value', `${path === '' ? 'the input' : path} must be an object`, path || undefined);
    }
    this.path = path;
    this.#object = value as Record<string, unknown>;
    this.#left = new Set(Object.keys(this.#object));
  }

  /** Path of a key below this object. */
  at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#object, key) && this.#object[key] !== undefined;
  }

  /** Takes the raw value of a key; throws `missing_key` when it is absent. */
  take(key: string): unknown {
    if (!this.has(key)) throw new InvalidInput('missing_key', `${this.at(key)} is missing`, this.at(key));
    this.#left.delete(key);
    return this.#object[key];
  }

  number(key: string, rule: NumberRule): number {
    return checkNumber(this.take(key), this.at(key), rule);
  }

  choice<T extends string>(key: string, choices: readonly T[], code?: string): T {
    return checkChoice(this.take(key), this.at(key), choices, code);
  }

  boolean(key: string): boolean {
    const value = this.take(key);
    if (typeof value !== 'boolean')
      throw new InvalidInput('bad_value', `${this.at(key)} must be true or false`, this.at(key));
    return value;
  }

  /** A string of 1 to `max` characters. */
  text(key: string, max: number): string {
    const value = this.take(key);
    if (typeof value !== 'string' || value.length === 0 || value.length > max) {
      throw new InvalidInput('bad_value', `${this.at(key)} must be a text of 1 to ${max} characters`, this.at(key));
    }
    return value;
  }

  /** Throws `unknown_key` when the object has keys that nobody took. */
  end(): void {
    for (const key of this.#left) {
      if (this.#object[key] === undefined) continue;
      throw new InvalidInput('unknown_key', `${this.at(key)} is not known here`, this.at(key));
    }
  }
}
