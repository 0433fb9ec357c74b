// Verifies packed signatures for the thread that started it.
import { parentPort } from 'node:worker_threads';
import { verifyPacked } from '../protocol/entry.ts';

parentPort?.on('message', (packed: Uint8Array) => parentPort?.postMessage(verifyPacked(packed)));
