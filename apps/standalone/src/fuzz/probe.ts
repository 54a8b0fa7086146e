/**
 * Preloaded into the processes that are fuzzed: says how large the heap is when it is asked, and what nobody has caught, before the process
 * ends by it. Nothing else of the process is different.
 */
import { setTimeout as delay } from 'node:timers/promises';

const ROUNDS = 4;

process.on('message', (message) => {
  if (message !== 'heap') return;
  void (async () => {
    // What waits for its finalizers is gone after some rounds.
    for (let round = 0; round < ROUNDS; round += 1) {
      globalThis.gc?.();
      await delay(50);
    }
    const { heapUsed, external } = process.memoryUsage();
    process.send?.({ heapBytes: heapUsed, externalBytes: external });
  })();
});
process.on('uncaughtExceptionMonitor', (error) => {
  process.send?.({ uncaught: error instanceof Error ? (error.stack ?? error.message) : String(error) });
});
// Asking must not keep it alive.
process.channel?.unref();
