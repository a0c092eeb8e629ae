import { describe, expect, test } from 'vitest';
import { syntaxOf } from '../../model/train/languages.js';
import { minePairs, type Pair } from '../../model/train/pairs.js';

function mine(path: string, text: string): readonly Pair[] {
  const syntax = syntaxOf(path);
  if (syntax === undefined) throw new Error(`no syntax for ${path}`);
  return minePairs({ path, lines: text.split('\n'), syntax });
}

const ofKind = (pairs: readonly Pair[], kind: string) => pairs.filter((pair) => pair.kind === kind);

describe('pairs of description and code', () => {
  test('a doc comment describes the declaration below it', () => {
    const pairs = mine(
      'src/cart/totals.ts',
      `export class Cart {
  /**
   * Sums up the prices of all items. Discounts come later.
   * @param items what was put in
   */
  total(items: readonly Item[]): number {
    return items.reduce((sum, item) => sum + item.price, 0);
  }
}`,
    );
    const [pair] = ofKind(pairs, 'doc');
    expect(pair).toMatchObject({ query: 'Sums up the prices of all items', name: 'total', language: 'typescript' });
    expect(pair?.full).toBe('Sums up the prices of all items. Discounts come later.');
    expect(pair?.code).toContain('export class Cart {');
    expect(pair?.code).toContain('item.price');
    expect(pair?.code).not.toContain('Sums up');
  });

  test('a documentation string describes the function it stands in', () => {
    const [pair] = ofKind(
      mine(
        'lib/store.py',
        'def load_user(key):\n    """Reads a user from the disk cache."""\n    with open(path(key)) as file:\n        return parse(file.read())\n',
      ),
      'doc',
    );
    expect(pair).toMatchObject({ query: 'Reads a user from the disk cache', name: 'load user' });
    expect(pair?.code).not.toContain('disk cache');
  });

  test('a comment inside a function describes the lines after it', () => {
    const [pair] = ofKind(
      mine(
        'src/pool.go',
        'func (p *Pool) Get() *Conn {\n\t// Wait for a connection that somebody gives back\n\tselect {\n\tcase conn := <-p.idle:\n\t\treturn conn\n\t}\n}\n',
      ),
      'inline',
    );
    expect(pair).toMatchObject({ query: 'Wait for a connection that somebody gives back' });
    expect(pair?.code).toContain('<-p.idle');
  });

  test('the title of a test and an error message describe the code around them', () => {
    const pairs = mine(
      'test/parse.test.ts',
      `it('refuses an unknown escape sequence', () => {
  const parser = create(text);
  if (!parser.ok) throw new Error('The parser could not be created here');
  expect(() => parser.parse(broken)).toThrow();
});`,
    );
    expect(ofKind(pairs, 'test')[0]).toMatchObject({ query: 'refuses an unknown escape sequence' });
    const [message] = ofKind(pairs, 'error');
    expect(message?.query).toBe('The parser could not be created here');
    expect(message?.code).not.toContain('could not be created');
  });

  test('licences, directives and commented-out code describe nothing', () => {
    const texts = [
      'Copyright 2020 The Authors, all rights reserved',
      'eslint-disable no-console in this file',
      'const total = sum(items);',
    ];
    for (const text of texts) {
      expect(
        ofKind(
          mine('a.js', `// ${text}\nfunction build(parts, options) {\n  return parts.map(options.convert);\n}`),
          'doc',
        ),
      ).toEqual([]);
    }
  });
});
