// What this node did lately, and why: one line for each change.
import type { NodeStatus } from '../../ui/api.ts';
import type { LimitsView } from '../../ui/api-limits.ts';

type Line = LimitsView['timeline'][number];

const LINES_MAX = 200;

export class TimeLine {
  #lines: Line[] = [];

  note({ mode, reason }: Pick<NodeStatus, 'mode' | 'reason'>, at: number): void {
    const last = this.#lines.at(-1);
    if (last?.mode === mode && last.reason === reason) return;
    this.#lines = [...this.#lines, { at: new Date(at).toISOString(), mode, reason }].slice(-LINES_MAX);
  }

  /** Newest first. */
  all(): Line[] {
    return [...this.#lines].reverse();
  }
}
