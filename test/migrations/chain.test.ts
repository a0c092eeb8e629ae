// The revision chain: its order comes from `revises`, whatever the names are, and every way along it is found.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearise, path, position, resolveTarget } from '#src/migrations/chain.js';
import { CHAIN, HEAD } from '#src/migrations/revisions.js';

/** A chain of revisions with distinct names, first to last. */
const chains = fc
  .uniqueArray(fc.stringMatching(/^[a-z0-9_]{1,8}$/), { minLength: 1, maxLength: 12 })
  .map((names) => names.map((revision, i) => ({ revision, revises: names[i - 1] ?? null })));

describe('the order', () => {
  it('is 001 → 003 → 005 → 002 → 006 → 008 → 009', () => {
    expect(CHAIN.map(({ revision }) => revision)).toEqual([
      '001_initial_schema',
      '003_project_tracking',
      '005_case_insensitive_vendor',
      '002_remove_non_search_tables',
      '006_search',
      '008_row_level_security',
      '009_project_keys',
    ]);
    expect(HEAD).toBe('009_project_keys');
  });

  it('does not depend on how the revisions are listed', () => {
    const shuffled = chains.chain((chain) =>
      fc.tuple(fc.constant(chain), fc.shuffledSubarray(chain, { minLength: chain.length })),
    );
    fc.assert(
      fc.property(shuffled, ([chain, listed]) => {
        expect(linearise(listed)).toEqual(chain);
      }),
    );
  });

  it('has one first revision, one head and no loose ends', () => {
    const of = (...links: readonly (readonly [string, string | null])[]) =>
      links.map(([revision, revises]) => ({ revision, revises }));
    expect(() => linearise(of(['a', null], ['b', 'a'], ['c', 'a']))).toThrow('b and c both revise a');
    expect(() => linearise(of(['a', null], ['b', null]))).toThrow('a and b both revise nothing');
    expect(() => linearise(of(['a', null], ['c', 'b']))).toThrow('not one chain from the first revision: c');
    expect(() => linearise(of(['a', 'b'], ['b', 'a']))).toThrow('not one chain');
    expect(() => linearise(of(['a', null], ['a', 'a']))).toThrow('not one chain');
  });
});

describe('the way between two revisions', () => {
  const places = fc.constantFrom(null, ...CHAIN.map(({ revision }) => revision));

  it('starts and ends where it should, each move where the one before ended', () => {
    fc.assert(
      fc.property(places, places, (from, to) => {
        const moves = path(CHAIN, from, to);
        let at = from;
        for (const move of moves) {
          expect(move.from).toBe(at);
          at = move.to;
        }
        expect(at).toBe(to);
        expect(moves).toHaveLength(Math.abs(position(CHAIN, from) - position(CHAIN, to)));
      }),
    );
  });

  it('back is the same way, reversed', () => {
    fc.assert(
      fc.property(places, places, (from, to) => {
        const there = path(CHAIN, from, to).map(({ revision }) => revision.revision);
        const back = path(CHAIN, to, from).map(({ revision }) => revision.revision);
        expect(back).toEqual(there.reverse());
      }),
    );
  });
});

describe('a target', () => {
  const at005 = (target: string) => resolveTarget(CHAIN, target, '005_case_insensitive_vendor');

  it.each([
    ['head', '009_project_keys'],
    ['base', null],
    ['002', '002_remove_non_search_tables'],
    ['002_remove_non_search_tables', '002_remove_non_search_tables'],
    ['+1', '002_remove_non_search_tables'],
    ['+2', '006_search'],
    ['-1', '003_project_tracking'],
    ['-3', null],
    ['+0', '005_case_insensitive_vendor'],
  ])('%s from 005 is %s', (target, revision) => expect(at005(target)).toBe(revision));

  it.each(['+5', '-4', '', '0', '00', '007', 'HEAD', "005'; DROP TABLE repositories; --"])('%j is refused', (target) =>
    expect(() => at005(target)).toThrow(/is not a revision; use head, base|leads past the (first|last) revision/),
  );
});
