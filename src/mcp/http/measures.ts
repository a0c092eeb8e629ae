// What an operator watches: counts and durations for Prometheus, and whether the server lives and can answer.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Counts {
  readonly sessions: () => number;
  readonly inFlight: () => number;
}

export interface Measures {
  readonly answered: (route: string, status: number) => void;
  /** `method` of the protocol, whose time from the request to the end of its answer is known. */
  readonly took: (method: string, seconds: number) => void;
  readonly text: () => Promise<Response>;
}

/** A client may write any method into its message; each name here is a series in the operator's store. */
const METHODS = new Set([
  ...['initialize', 'ping', 'server/discover', 'subscriptions/listen', 'completion/complete', 'logging/setLevel'],
  ...['tools/list', 'tools/call', 'prompts/list', 'prompts/get'],
  ...['resources/list', 'resources/read', 'resources/templates/list', 'resources/subscribe', 'resources/unsubscribe'],
  ...['notifications/initialized', 'notifications/cancelled', 'tasks/get', 'tasks/cancel', 'tasks/update'],
]);

export function createMeasures({ sessions, inFlight }: Counts): Measures {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'codebase_mcp_http_requests_total',
    help: 'HTTP requests by route and status',
    labelNames: ['route', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'codebase_mcp_message_seconds',
    help: 'Time from a message to the end of its answer, by method of the protocol',
    labelNames: ['method'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  gauge('codebase_mcp_sessions', 'Open sessions', sessions);
  gauge('codebase_mcp_requests_in_flight', 'Requests being answered', inFlight);
  return {
    answered: (route, status) => requests.inc({ route, status }),
    took: (method, duration) => seconds.observe({ method: METHODS.has(method) ? method : 'other' }, duration),
    text: async () => new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } }),
  };

  function gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  }
}
