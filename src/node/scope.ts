// Whatever starts is already known how to stop: a scope closes last-in first-out.

export interface Scope {
  onClose(stop: () => unknown): void;
  /** Runs every stop even when one of them fails; rejects with the first failure. */
  close(): Promise<void>;
}

export function createScope(): Scope {
  const stops: (() => unknown)[] = [];
  return {
    onClose(stop) {
      stops.push(stop);
    },
    async close() {
      const failures: unknown[] = [];
      for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
        try {
          await stop();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
