// The revision chain as a value: its order, and the way from one revision to another. Pure.
import { CodebaseError } from '../errors.js';
import type { Revision } from './revision.js';

type Link = Pick<Revision, 'revision' | 'revises'>;

/** One revision applied or taken back: where the database stands before and after it. */
export interface Move {
  readonly direction: 'upgrade' | 'downgrade';
  readonly revision: Revision;
  readonly from: string | null;
  readonly to: string | null;
}

/** The revisions from first to last. Throws when they are not one chain: that is a bug in the program. */
export function linearise<R extends Link>(revisions: readonly R[]): readonly R[] {
  const next = new Map<string | null, R>();
  for (const revision of revisions) {
    const rival = next.get(revision.revises);
    if (rival)
      throw new Error(`${rival.revision} and ${revision.revision} both revise ${revision.revises ?? 'nothing'}`);
    next.set(revision.revises, revision);
  }
  const chain: R[] = [];
  for (let at = next.get(null); at && chain.length < revisions.length; at = next.get(at.revision)) chain.push(at);
  if (chain.length !== revisions.length || new Set(chain.map((r) => r.revision)).size !== chain.length) {
    const loose = revisions.filter((r) => !chain.includes(r)).map((r) => r.revision);
    throw new Error(`not one chain from the first revision: ${loose.join(', ') || 'a revision occurs twice'}`);
  }
  return chain;
}

/** Place of a revision in the chain; -1 is before the first. */
export function position(chain: readonly Link[], revision: string | null): number {
  return revision === null ? -1 : chain.findIndex((link) => link.revision === revision);
}

/** The moves that lead from one known revision to another, in the order they are made. */
export function path(chain: readonly Revision[], from: string | null, to: string | null): readonly Move[] {
  const start = position(chain, from) + 1;
  const end = position(chain, to) + 1;
  if (start <= end) return chain.slice(start, end).map((revision) => move('upgrade', revision));
  return chain
    .slice(end, start)
    .reverse()
    .map((revision) => move('downgrade', revision));
}

function move(direction: Move['direction'], revision: Revision): Move {
  const { revision: later, revises: earlier } = revision;
  return direction === 'upgrade'
    ? { direction, revision, from: earlier, to: later }
    : { direction, revision, from: later, to: earlier };
}

/**
 * The revision a target means: `head`, `base` (null), a revision or the beginning of one, or `+n`/`-n` from the current
 * one. Throws a CodebaseError that lists what is allowed.
 */
export function resolveTarget(chain: readonly Link[], target: string, current: string | null): string | null {
  if (target === 'base') return null;
  if (target === 'head') return chain.at(-1)?.revision ?? null;
  if (/^[+-]\d+$/.test(target)) return relative(chain, target, position(chain, current) + Number(target));
  const matches = chain.filter((link) => link.revision.startsWith(target));
  const [match] = matches;
  if (target !== '' && match && matches.length === 1) return match.revision;
  const known = chain.map((link) => link.revision).join(', ');
  throw new CodebaseError('usage', `"${target}" is not a revision; use head, base, +n, -n or one of ${known}.`);
}

function relative(chain: readonly Link[], target: string, place: number): string | null {
  if (place >= -1 && place < chain.length) return chain[place]?.revision ?? null;
  const end = place < 0 ? 'first' : 'last';
  throw new CodebaseError(
    'usage',
    `${target} leads past the ${end} revision; use ${place < 0 ? 'base' : 'head'} to get to that end.`,
  );
}
