// One package → its pairs, of each kind at most so many, in a fixed order.
import { withFiles } from './archives.js';
import { parseCopyright } from './debian-copyright.js';
import { syntaxOf } from './languages.js';
import { isPermissive } from './licences.js';
import { KINDS, type Kind, mineGuide, minePairs, type Pair } from './pairs.js';
import { isGuide, selectTexts } from './select-files.js';
import { archivesOf, readPacked, type Source } from './sources.js';
import { sample } from './spread.js';

const MOST: Readonly<Record<Kind, number>> = {
  doc: 2600,
  inline: 1300,
  file: 400,
  part: 500,
  path: 600,
  name: 900,
  test: 700,
  error: 500,
  readme: 200,
};
/** A few packages are a whole language's library: as many pairs as several of the others. */
const SHARE: Readonly<Record<string, number>> = { swiftlang: 8, mono: 8, kotlin: 4, scala: 3, 'elixir-lang': 2 };

export async function minePackage(source: Source, cache: string): Promise<readonly Pair[]> {
  const archives = await archivesOf(source, cache);
  const mayUse = await licenceCheck(source, archives);
  const pairs = await withFiles(
    archives.filter((archive) => !/\.debian\.tar/.test(archive)),
    [],
    async (files) => {
      const texts = await selectTexts(files, mayUse);
      return texts.flatMap(({ path, text }) => {
        if (isGuide(path)) return mineGuide(path, text);
        const syntax = syntaxOf(path);
        return syntax === undefined ? [] : minePairs({ path, lines: text.split(/\r?\n/), syntax });
      });
    },
  );
  const share = SHARE[source.name] ?? 1;
  const distinct = withoutRepetition(pairs);
  return KINDS.flatMap((kind) =>
    sample(
      distinct.filter((pair) => pair.kind === kind),
      MOST[kind] * share,
      textOf,
    ),
  );
}

/** Debian states a licence for each file; npm for the package. */
async function licenceCheck(source: Source, archives: readonly string[]): Promise<(path: string) => boolean> {
  const archive = archives.find((path) => /\.debian\.tar/.test(path));
  if (source.registry === 'npm' || archive === undefined) return () => true;
  const copyright = parseCopyright(await readPacked(archive, 'debian/copyright'));
  return (path) => isPermissive(copyright?.licenceOf(path) ?? 'unknown');
}

/** The same description of the same name, or of the same code, is one pair however often it was built or copied. */
function withoutRepetition(pairs: readonly Pair[]): readonly Pair[] {
  const seen = new Set<string>();
  return pairs.filter(({ kind, query, name, code }) => {
    const keys = [`${kind}\0${query}\0${name || code.replace(/\W+/g, '').slice(0, 60)}`, `${kind}\0${code}`];
    if (keys.some((key) => seen.has(key))) return false;
    for (const key of keys) seen.add(key);
    return true;
  });
}

function textOf({ query, code }: Pair): string {
  return query + code;
}
