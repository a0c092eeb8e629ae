// How long the other side of a connection may say nothing while it is waited for.

export class Silence {
  private readonly limitMs: number;
  private readonly onTooLong: () => void;
  private waiting = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, onTooLong: () => void) {
    this.limitMs = limitMs;
    this.onTooLong = onTooLong;
  }

  /** Waits for `work`; `onTooLong` is called when nothing is heard for the limit meanwhile. */
  async endsBefore<T>(work: Promise<T>): Promise<T> {
    this.waiting += 1;
    if (this.waiting === 1) this.restart();
    try {
      return await work;
    } finally {
      this.waiting -= 1;
      if (this.waiting === 0) clearTimeout(this.timer);
    }
  }

  /** Something was heard. */
  broken(): void {
    if (this.waiting > 0) this.restart();
  }

  private restart(): void {
    clearTimeout(this.timer);
    const timer = setTimeout(() => {
      // Who was suspended itself reads first what has arrived meanwhile.
      setImmediate(() => {
        if (this.timer === timer && this.waiting > 0) this.onTooLong();
      });
    }, this.limitMs);
    this.timer = timer;
  }
}
