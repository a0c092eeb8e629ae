// How many requests are let in: per second for each caller, and at once for each and for all.
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { refusal } from './endpoint.js';
import { LIMITS } from './limits.js';

/** A caller may use a rate's worth of this many seconds at once. */
const BURST_SECONDS = 10;

export class Turnstile {
  private readonly rate: RateLimiterMemory;
  private readonly busy = new Map<string, number>();
  private total = 0;

  constructor(perSecond: number) {
    this.rate = new RateLimiterMemory({ points: perSecond * BURST_SECONDS, duration: BURST_SECONDS });
  }

  /** Requests being answered. */
  get inFlight(): number {
    return this.total;
  }

  /** Lets the caller's request in until `leave`, or answers why not. */
  async enter(caller: string): Promise<Response | null> {
    try {
      await this.rate.consume(caller);
    } catch (limited) {
      if (!(limited instanceof RateLimiterRes)) throw limited;
      return later(429, 'Too many requests', limited.msBeforeNext);
    }
    const own = this.busy.get(caller) ?? 0;
    if (own >= LIMITS.inFlightOfCaller) return later(429, 'Too many requests at once', 1000);
    if (this.total >= LIMITS.inFlight) return later(503, 'The server is busy', 1000);
    this.busy.set(caller, own + 1);
    this.total++;
    return null;
  }

  leave(caller: string): void {
    this.total--;
    const own = (this.busy.get(caller) ?? 1) - 1;
    if (own === 0) this.busy.delete(caller);
    else this.busy.set(caller, own);
  }
}

function later(status: number, what: string, milliseconds: number): Response {
  const seconds = Math.ceil(milliseconds / 1000);
  return refusal(status, -32000, `${what}; try again in ${seconds} s.`, { 'retry-after': String(seconds) });
}
