// What one client may take from the others: sizes, times and counts of the HTTP server, in one table.

export const LIMITS = {
  /** Bytes of a request; the longest question is 10,000 characters. */
  bodyBytes: 1_048_576,
  /** Bytes of all headers together. */
  headerBytes: 16_384,
  headersMs: 10_000,
  /** From the first byte of a request to its last. */
  requestMs: 15_000,
  /** How often Node looks for requests that are late. */
  checkMs: 2_000,
  /** Between two requests on one connection. */
  keepAliveMs: 65_000,
  /** A connection on which nothing moves; streams carry a comment every 15 s unless their reader has stopped reading. */
  silentMs: 90_000,
  streamCommentMs: 15_000,
  /** From the end of a request to the end of its answer; a question to the person behind the client may be part of it. */
  exchangeMs: 600_000,
  connections: 2_000,
  /** Requests that one connection may send before the first of them is answered. */
  pipelined: 8,
  /** Bytes of an answer that are kept for a reader who is slow. */
  answerBytes: 8_388_608,
  /** Requests being answered, of all callers and of one. */
  inFlight: 512,
  inFlightOfCaller: 256,
  sessions: 1_000,
  /** A session whose client never came back after `initialize`. */
  unusedSessionMs: 60_000,
  reapEveryMs: 5_000,
  /** How long requests in hand may take to end once the server was told to stop. */
  drainMs: 10_000,
} as const;
