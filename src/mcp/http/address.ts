// Where to listen, as people write it: 127.0.0.1:3000, [::1]:3000, localhost:3000 or only a port.
import { isIPv6 } from 'node:net';
import { CodebaseError } from '../../errors.js';

export interface Address {
  /** Name or address without brackets. */
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  /** Reached from this machine only. */
  readonly loopback: boolean;
}

const MAX_PORT = 65_535;

export function parseAddress(text: string): Address {
  const [, bracketed, plain, digits = ''] = /^(?:(?:\[([^\]]*)\]|([^:[\]\s]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const host = bracketed ?? plain ?? '127.0.0.1';
  if (digits !== '' && port <= MAX_PORT && (bracketed === undefined || isIPv6(bracketed)))
    return { host, port, loopback: isLoopback(host) };
  throw new CodebaseError(
    'invalid_input',
    `--http "${text}" is no address; use HOST:PORT such as 127.0.0.1:3000 or [::1]:3000, with a port from 0 to ${MAX_PORT}.`,
  );
}

/** A name other than localhost may lead anywhere, whatever it leads to today. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** As a Host header and a URL have it: IPv6 in brackets. */
export function hostInUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
