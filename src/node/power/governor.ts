// Holds a machine to what its owner allows: looks at it now and then, decides, and lets pool and worker follow.
import type { DataDirectory } from '../data-directory.ts';
import type { Events } from '../events.ts';
import type { Pool } from '../pool.ts';
import { type Decision, decide, type Facts, type Hold, NOTHING_KNOWN } from './decide.ts';
import { readHold, readRules, writeHold, writeRules } from './limits-file.ts';
import { checkRules, type Rules } from './rules.ts';

export interface GovernorDeps {
  directory: DataDirectory;
  events: Pick<Events, 'problem' | 'solved'>;
  pool: Pick<Pool, 'setThreads' | 'setShare'>;
  /** Threads that the settings give. */
  threads: number;
  facts(rules: Rules): Promise<Facts>;
  /** ms since 1970. */
  now(): number;
  /** A unit is under way. */
  isBusy(): boolean;
  /** The decision is another one. */
  onChange(): void;
}

/** Times of day and the end of a pause are looked at this often; the machine, which costs more, every third time. */
const TICK_MS = 5000;
const LOOK_TICKS = 3;

export class Governor {
  readonly #deps: GovernorDeps;
  #rules: Rules;
  #hold: Hold | undefined;
  #facts: Facts = NOTHING_KNOWN;
  #decision: Decision;
  #timer: NodeJS.Timeout;
  #looking = false;
  /** The rules changed while it looked. */
  #again = false;
  #ticks = 0;

  /** Throws StartError `bad_config` when limits.json cannot be read. */
  constructor(deps: GovernorDeps) {
    this.#deps = deps;
    this.#rules = readRules(deps.directory);
    this.#hold = readHold(deps.directory);
    this.#decision = this.#decide();
    this.#apply();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    void this.#look();
  }

  get rules(): Rules {
    return this.#rules;
  }

  get hold(): Hold | undefined {
    return this.#hold;
  }

  get facts(): Facts {
    return this.#facts;
  }

  get decision(): Decision {
    return this.#decision;
  }

  /** `until`: ms since 1970. */
  pause(until: number | undefined): void {
    this.#setHold({ kind: 'pause', until, finished: false });
  }

  /** The unit under way is finished, then it pauses. */
  finish(): void {
    this.#setHold({ kind: 'finish', until: undefined, finished: !this.#deps.isBusy() });
  }

  resume(): void {
    this.#setHold(undefined);
  }

  /** What is wrong with them; then none is changed. */
  setRules(changes: object): { field: string; message: string } | undefined {
    const checked = checkRules({ ...this.#rules, ...changes });
    if (!('rules' in checked)) return checked;
    writeRules(this.#deps.directory, checked.rules);
    this.#rules = checked.rules;
    this.#update();
    void this.#look();
    return undefined;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #setHold(hold: Hold | undefined): void {
    writeHold(this.#deps.directory, hold);
    this.#hold = hold;
    this.#update();
  }

  #tick(): void {
    this.#ticks += 1;
    const { now, isBusy } = this.#deps;
    const hold = this.#hold;
    if (hold?.until !== undefined && hold.until <= now()) this.#setHold(undefined);
    if (hold?.kind === 'finish' && !hold.finished && !isBusy()) this.#setHold({ ...hold, finished: true });
    this.#update();
    if (this.#ticks % LOOK_TICKS === 0) void this.#look();
  }

  async #look(): Promise<void> {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    this.#again = false;
    const { events, facts } = this.#deps;
    try {
      this.#facts = await facts(this.#rules);
      events.solved('machine_unknown');
    } catch (error) {
      this.#facts = NOTHING_KNOWN;
      events.problem('machine_unknown', `This machine does not tell of itself: ${(error as Error).message}`);
    } finally {
      this.#looking = false;
    }
    this.#update();
    if (this.#again) void this.#look();
  }

  #decide(): Decision {
    const { threads, now } = this.#deps;
    const wishes = { rules: this.#rules, hold: this.#hold, threads };
    return decide(this.#facts, wishes, new Date(now()), this.#decision);
  }

  #update(): void {
    const before = this.#decision;
    this.#decision = this.#decide();
    if (JSON.stringify(before) === JSON.stringify(this.#decision)) return;
    this.#apply();
    this.#deps.onChange();
  }

  #apply(): void {
    this.#deps.pool.setThreads(this.#decision.threads);
    this.#deps.pool.setShare(this.#decision.share / 100);
  }
}
