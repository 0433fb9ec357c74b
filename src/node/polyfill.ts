// Promise.withResolvers came with Node 22; libp2p needs it on Node 20 as well. Imported before anything else.
const promise = Promise as { withResolvers?: <T>() => PromiseWithResolvers<T> };

interface PromiseWithResolvers<T> {
  promise: Promise<T>;
  resolve: (value: T | PromiseLike<T>) => void;
  reject: (reason?: unknown) => void;
}

promise.withResolvers ??= function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: PromiseWithResolvers<T>['resolve'];
  let reject!: PromiseWithResolvers<T>['reject'];
  const pending = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise: pending, resolve, reject };
};

export {};
