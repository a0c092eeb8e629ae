import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parseCopyright } from '../../model/train/debian-copyright.js';
import { isExcluded, isExcludedPath, isExcludedWord } from '../../model/train/exclusions.js';
import { isPermissive } from '../../model/train/licences.js';
import { readSources } from '../../model/train/sources.js';

describe('the list of training packages', () => {
  test('holds no package of an excluded project and no licence that is not permissive', async () => {
    const sources = await readSources();
    expect(sources.length).toBeGreaterThan(500);
    expect(sources.filter(({ name }) => isExcluded(name))).toEqual([]);
    const refused = sources.filter(({ licence }) => !licence.split(' | ').every(isPermissive));
    expect(refused).toEqual([]);
  });

  test('names every package once, with the version that was used', async () => {
    const sources = await readSources();
    const names = sources.map(({ registry, name }) => `${registry} ${name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(sources.filter(({ version }) => !/^\S+$/.test(version))).toEqual([]);
  });
});

describe('the vocabulary', () => {
  test('has no word that only an excluded project uses', async () => {
    const vocabulary = JSON.parse(await readFile('model/vocab.json', 'utf8')) as readonly string[];
    expect(vocabulary.filter(isExcludedWord)).toEqual([]);
  });
});

describe('exclusions', () => {
  test('know packages, forks and plugins by the words of their names', () => {
    for (const name of [
      'ruby-rack-cache',
      'golang-github-go-chi-chi',
      'rust-serde-json',
      '@vitest/ui',
      'php-guzzlehttp-psr7',
      'react-redux',
    ]) {
      expect(isExcluded(name), name).toBe(true);
    }
    expect(isExcludedPath('third/fmt/core.cc')).toBe(true);
  });

  test('leave other projects alone', () => {
    for (const name of ['track-changes', 'chinese-calendar', 'golang-formats', 'expressive', 'miniature']) {
      expect(isExcluded(name), name).toBe(false);
    }
  });
});

describe('licences', () => {
  test.each([
    ['MIT', true],
    ['(Apache-2.0 AND BSD-3-Clause)', true],
    ['GPL-2+ or MIT', true],
    ['Apache-2.0 with LLVM-exception', true],
    ['GPL-3+', false],
    ['MIT and LGPL-2.1', false],
    ['MPL-2.0', false],
    ['UNLICENSED', false],
    ['', false],
  ])('%s: %s', (licence, allowed) => {
    expect(isPermissive(licence)).toBe(allowed);
  });

  test('of a Debian package hold file by file, the last stanza that matches', () => {
    const copyright = parseCopyright(
      'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: A\nLicense: Expat\n\n' +
        'Files: src/tool/*\n  m4/?x.m4\nLicense: GPL-3+\n text of it\n\nFiles: debian/*\nLicense: GPL-2\n',
    );
    expect(copyright?.licences).toEqual(['Expat', 'GPL-3+']);
    expect(copyright?.licenceOf('src/main.c')).toBe('Expat');
    expect(copyright?.licenceOf('src/tool/deep/main.c')).toBe('GPL-3+');
    expect(copyright?.licenceOf('m4/ax.m4')).toBe('GPL-3+');
    expect(parseCopyright('This package was debianised by …')).toBeUndefined();
  });
});
