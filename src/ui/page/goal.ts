// What the reader hopes to earn a day. Kept in this browser; nothing in the node knows of it.
import { effect, signal } from '@preact/signals';
import { readGoal } from './goal-figures.ts';
import { recall, remember } from './memory.ts';

const KEY = 'goal';
const GOAL_DEFAULT = 5;

/** Percent a day. */
export const goal = signal(readGoal(recall(KEY) ?? '') ?? GOAL_DEFAULT);

effect(() => remember(KEY, goal.value === GOAL_DEFAULT ? undefined : String(goal.value)));
