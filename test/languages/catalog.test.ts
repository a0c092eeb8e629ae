// Which language a file is in.
import { expect, it } from 'vitest';
import { grammarOf, LANGUAGES, languageNamed, languageOf } from '#src/languages/catalog.js';
import { createChunker } from '#src/languages/chunker.js';

it('goes by extension, file name and first line', () => {
  const cases = {
    'src/a.ts': 'typescript',
    'src/a.d.mts': 'typescript',
    'ui/App.tsx': 'typescript',
    'a.PY': 'python',
    'a.C': 'cpp',
    'a.c': 'c',
    'a.h': 'c',
    'docker/Dockerfile': 'dockerfile',
    'Dockerfile.web': 'dockerfile',
    Makefile: 'makefile',
    'a/b/Rakefile': 'ruby',
    '.gitignore': 'ignore',
    'no/extension': null,
    'a.unheardof': null,
  };
  for (const [path, language] of Object.entries(cases)) expect([path, languageOf(path)]).toEqual([path, language]);
});

it('reads the interpreter of scripts without an extension', () => {
  expect(languageOf('bin/tool', '#!/usr/bin/env python3.11')).toBe('python');
  expect(languageOf('bin/tool', '#!/usr/bin/env -S node --enable-source-maps')).toBe('javascript');
  expect(languageOf('bin/tool', '#! /bin/sh -e')).toBe('bash');
  expect(languageOf('bin/tool', '#!/opt/unheardof')).toBeNull();
  expect(languageOf('bin/tool', 'import os')).toBeNull();
});

it('knows what people call a language', () => {
  for (const name of ['ts', 'TypeScript', 'tsx']) expect(languageNamed(name)?.name).toBe('typescript');
  expect(languageNamed('C++')?.name).toBe('cpp');
  expect(languageNamed('c#')?.name).toBe('csharp');
  expect(languageNamed('klingon')).toBeNull();
});

it('has one owner for every name, extension and file name', () => {
  const seen = new Map<string, string>();
  for (const language of LANGUAGES) {
    const keys = [
      ...[language.name, ...(language.aliases ?? [])]
        .filter((name, i, all) => all.indexOf(name) === i)
        .map((name) => `name ${name}`),
      ...language.extensions.map((extension) => `extension ${extension}`),
      ...(language.fileNames ?? []).map((name) => `file ${name}`),
      ...(language.shebangs ?? []).map((name) => `shebang ${name}`),
    ];
    for (const key of keys) {
      expect([key, seen.get(key) ?? language.name]).toEqual([key, language.name]);
      seen.set(key, language.name);
    }
  }
});

it('has a grammar that loads and parses for every language that claims one', async () => {
  const chunker = await createChunker();
  const claimed = LANGUAGES.filter((language) => language.grammar);
  expect(claimed.length).toBeGreaterThanOrEqual(50);
  for (const language of claimed) {
    for (const extension of language.extensions) {
      if (language.grammarByExtension?.[extension] === null) continue;
      expect(grammarOf(`a.${extension}`)).not.toBeNull();
      expect([extension, chunker.chunk(`a.${extension}`, '\n').mode]).toEqual([extension, 'syntax']);
    }
  }
});
