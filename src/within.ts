// Waiting no longer than a given time for something that goes on.
import { setTimeout as sleep } from 'node:timers/promises';

/** Null when it takes longer than the milliseconds; it goes on then, and its error is for whoever else waits for it. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | null> {
  const late = new AbortController();
  promise.catch(() => {});
  const timeout = sleep(milliseconds, null, { signal: late.signal }).catch(() => null);
  return await Promise.race([promise, timeout]).finally(() => late.abort());
}
