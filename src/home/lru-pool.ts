// A bounded number of open things, opened when they are needed; the one unused for longest makes room. One in use is closed
// only when its users have left.
import { performance } from 'node:perf_hooks';

export interface LruPoolOptions<K, V> {
  readonly max: number;
  /** How long a caller waits for room. */
  readonly waitMs: number;
  /** Returns how many resources had not been given back. */
  readonly close: (key: K, value: V) => Promise<number>;
  /** Resolves when nothing goes on in it that no caller waits for; null when nothing does. */
  readonly settled: (value: V) => Promise<void> | null;
  /** True when it must be opened again before it is used. */
  readonly stale: (value: V) => boolean;
  /** The error of a caller that has waited for too long. `busy`: who is in use, and by how many. */
  readonly full: (wanted: K, busy: ReadonlyMap<K, number>) => Error;
  readonly closed: () => Error;
}

export interface PoolCounts {
  hits: number;
  misses: number;
  evictions: number;
  /** Callers that had to wait for room. */
  waits: number;
  /** Resources that were not given back when what they came from was closed. */
  leaks: number;
}

interface Slot<K, V> {
  readonly key: K;
  readonly value: Promise<V>;
  opened: V | undefined;
  users: number;
  /** It takes no users any more, for the sake of those who wait for room. */
  draining: boolean;
  closing: Promise<void> | undefined;
}

interface Waiter<K> {
  readonly key: K;
  wake: () => void;
}

/** A slot whose users do not leave for so long is not the one to make room. */
const DRAIN_MS = 1000;

export class LruPool<K, V> {
  readonly counts: PoolCounts = { hits: 0, misses: 0, evictions: 0, waits: 0, leaks: 0 };
  private readonly options: LruPoolOptions<K, V>;
  /** Least recently used first. */
  private readonly slots = new Map<K, Slot<K, V>>();
  private readonly waiters: Waiter<K>[] = [];
  private ended = false;

  constructor(options: LruPoolOptions<K, V>) {
    this.options = options;
  }

  /** Runs `work` on what `open` opens, or on what is open under the key. */
  async use<T>(key: K, open: () => Promise<V>, work: (value: V) => Promise<T>): Promise<T> {
    const slot = await this.acquire(key, open);
    try {
      return await work(await slot.value);
    } finally {
      this.release(slot);
    }
  }

  open(): readonly V[] {
    return [...this.slots.values()].flatMap(({ opened }) => opened ?? []);
  }

  keys(): readonly K[] {
    return [...this.slots.keys()];
  }

  /** Runs `work` when the users of the key have left; nobody else gets in before it is done. */
  async exclusive<T>(key: K, work: () => Promise<T>): Promise<T> {
    for (let slot = this.slots.get(key); slot !== undefined; slot = this.slots.get(key)) {
      slot.draining = true;
      this.closeUnused(slot);
      await this.change(key, Number.POSITIVE_INFINITY);
    }
    const nothing = Promise.reject<V>(this.options.closed());
    nothing.catch(() => {});
    const slot: Slot<K, V> = { key, value: nothing, opened: undefined, users: 0, draining: true, closing: undefined };
    this.slots.set(key, slot);
    const done = work().finally(() => this.forget(slot));
    slot.closing = done.then(() => {});
    slot.closing.catch(() => {});
    return await done;
  }

  /** Closes everything, in use or not. */
  async close(): Promise<void> {
    this.ended = true;
    this.wake();
    await Promise.all(
      [...this.slots.values()].map((slot) => slot.value.then(() => this.closeSlot(slot)).catch(() => {})),
    );
  }

  private async acquire(key: K, open: () => Promise<V>): Promise<Slot<K, V>> {
    const deadline = performance.now() + this.options.waitMs;
    for (let waited = false; ; waited = true) {
      if (this.ended) throw this.options.closed();
      const slot = this.slots.get(key);
      if (slot?.opened !== undefined && slot.users === 0 && this.options.stale(slot.opened)) slot.draining = true;
      if (slot !== undefined && !slot.draining) {
        this.counts.hits += 1;
        return this.take(slot);
      }
      if (slot !== undefined) this.closeUnused(slot);
      else if (this.slots.size < this.options.max) {
        this.counts.misses += 1;
        return this.take(this.fill(key, open));
      } else this.makeRoom(key);
      if (!waited) this.counts.waits += 1;
      if (!(await this.change(key, deadline))) throw this.options.full(key, this.busy());
    }
  }

  private take(slot: Slot<K, V>): Slot<K, V> {
    slot.users += 1;
    this.touch(slot);
    return slot;
  }

  private touch(slot: Slot<K, V>): void {
    this.slots.delete(slot.key);
    this.slots.set(slot.key, slot);
  }

  private fill(key: K, open: () => Promise<V>): Slot<K, V> {
    const slot: Slot<K, V> = { key, value: open(), opened: undefined, users: 0, draining: false, closing: undefined };
    this.slots.set(key, slot);
    slot.value.then(
      (value) => {
        slot.opened = value;
      },
      () => this.forget(slot),
    );
    return slot;
  }

  private release(slot: Slot<K, V>): void {
    const rest = slot.opened === undefined ? null : this.options.settled(slot.opened);
    if (slot.users === 1 && rest !== null) void rest.finally(() => this.release(slot));
    else {
      slot.users -= 1;
      if (slot.draining) this.closeUnused(slot);
      else if (this.waiters.length > 0) this.makeRoom(undefined);
    }
  }

  /** As many are drained as different keys are waited for, `key` among them. */
  private makeRoom(key: K | undefined): void {
    const keys = new Set(this.waiters.map((waiter) => waiter.key));
    if (key !== undefined) keys.add(key);
    const wanted = [...keys].filter((each) => !this.slots.has(each)).length;
    const draining = [...this.slots.values()].filter((slot) => slot.draining).length;
    const candidates = [...this.slots.values()].filter((slot) => !slot.draining && slot.opened !== undefined);
    const unused = candidates.filter((slot) => slot.users === 0);
    const victims = unused.length > 0 ? unused : candidates;
    for (const slot of victims.slice(0, Math.max(0, wanted - draining))) this.drain(slot);
  }

  private drain(slot: Slot<K, V>): void {
    slot.draining = true;
    this.counts.evictions += 1;
    this.closeUnused(slot);
    if (slot.closing !== undefined) return;
    setTimeout(() => {
      if (slot.closing !== undefined) return;
      slot.draining = false;
      this.counts.evictions -= 1;
      this.touch(slot);
      this.wake();
    }, DRAIN_MS).unref();
  }

  private closeUnused(slot: Slot<K, V>): void {
    if (slot.users > 0) return;
    const rest = slot.opened === undefined ? null : this.options.settled(slot.opened);
    if (rest === null) void this.closeSlot(slot);
    else {
      slot.users = 1; // what goes on in it counts as one
      void rest.finally(() => this.release(slot));
    }
  }

  private closeSlot(slot: Slot<K, V>): Promise<void> {
    slot.closing ??= (async () => {
      try {
        if (slot.opened !== undefined) this.counts.leaks += await this.options.close(slot.key, slot.opened);
      } finally {
        this.forget(slot);
      }
    })();
    slot.closing.catch(() => {});
    return slot.closing;
  }

  private forget(slot: Slot<K, V>): void {
    if (this.slots.get(slot.key) === slot) this.slots.delete(slot.key);
    this.wake();
  }

  /** First come, first woken. */
  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter.wake();
  }

  /** Resolves at the next change; false when the deadline comes first. */
  private change(key: K, deadline: number): Promise<boolean> {
    return new Promise((resolve) => {
      const left = deadline - performance.now();
      const waiter: Waiter<K> = { key, wake: () => resolve(true) };
      this.waiters.push(waiter);
      if (left === Number.POSITIVE_INFINITY) return;
      const timer = setTimeout(
        () => {
          this.waiters.splice(this.waiters.indexOf(waiter), 1);
          resolve(false);
        },
        Math.max(0, left),
      );
      waiter.wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  private busy(): ReadonlyMap<K, number> {
    return new Map([...this.slots.values()].map(({ key, users }) => [key, users]));
  }
}
