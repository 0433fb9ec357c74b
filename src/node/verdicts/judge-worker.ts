// A thread that judges one job and ends: what takes seconds must not stop the node from talking.
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { judge } from './judge.ts';
import type { JudgeReply, JudgeRequest } from './judge-thread.ts';
import { resting } from './pace.ts';

const { task, lowestPriority, pace } = workerData as JudgeRequest;
// On Linux a priority is a thread's; elsewhere the process has it, and has set it.
if (process.platform === 'linux' && lowestPriority) setPriority(constants.priority.PRIORITY_LOW);

async function answer(): Promise<JudgeReply> {
  try {
    return {
      report: await judge(
        task,
        resting(pace, () => performance.now()),
      ),
    };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.postMessage(await answer());
