// Which files of a package are its sources: what its authors wrote, once, in the language they wrote it in.
import type { PackedFile } from './archives.js';
import { isExcludedPath } from './exclusions.js';

const FOREIGN =
  /(?:^|\/)(?:vendor|vendored|third[-_]?party|3rdparty|node_modules|externals?|extern|deps|bundled|_vendor|thirdparty|umd|locales?|i18n|__snapshots__|fixtures?|testdata|min|jspm)\/|\.min\.|\.bundle\.|\.pb\.|_pb2|\.generated\.|configure$/i;
/** Folders of the same code built for several targets, the most readable first. */
const BUILDS = ['src', 'lib', 'source', 'esm', 'es', 'dist', 'build', 'cjs', 'commonjs'];
const MAX_AVERAGE_LINE = 160;

export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** The texts of a package worth mining. `mayUse` says whether a file's own licence allows it. */
export async function selectTexts(
  files: readonly PackedFile[],
  mayUse: (path: string) => boolean,
): Promise<readonly SourceText[]> {
  const allowed = files.filter(({ path }) => !FOREIGN.test(path) && !isExcludedPath(path) && mayUse(path));
  const texts: SourceText[] = [];
  const typed = allowed.filter(({ path }) => isTyped(path));
  const originals = typed.length >= 3 ? [] : await fromSourceMaps(allowed);
  const hasTyped = typed.length >= 3 || originals.length >= 3;
  for (const file of withoutCopies(allowed)) {
    if (file.path.endsWith('.map') || (hasTyped && /\.(?:[mc]?js|d\.[mc]?ts)$/.test(file.path))) continue;
    const text = await file.read();
    if (isReadable(text)) texts.push({ path: file.path, text });
  }
  return [...texts, ...originals];
}

function isTyped(path: string): boolean {
  return /\.[mc]?tsx?$/.test(path) && !/\.d\.[mc]?ts$/.test(path);
}

/** Of JavaScript and its declarations built into several folders, only the first folder of the list. */
function withoutCopies(files: readonly PackedFile[]): readonly PackedFile[] {
  const top = (path: string) => path.slice(0, path.indexOf('/'));
  const isBuilt = ({ path }: PackedFile) => /\.(?:[mc]?js|[mc]?ts)$/.test(path) && BUILDS.includes(top(path));
  const folders = new Set(files.filter(isBuilt).map(({ path }) => top(path)));
  const best = BUILDS.find((folder) => folders.has(folder));
  return files.filter((file) => !isBuilt(file) || top(file.path) === best || file.path.endsWith('.d.ts'));
}

/** TypeScript files that only the source maps of a build still hold. */
async function fromSourceMaps(files: readonly PackedFile[]): Promise<SourceText[]> {
  const found = new Map<string, string>();
  for (const file of files.filter(({ path }) => path.endsWith('.map'))) {
    for (const { path, text } of mapSources(await file.read())) if (!found.has(path)) found.set(path, text);
  }
  return [...found]
    .map(([path, text]) => ({ path, text }))
    .filter(({ path, text }) => isReadable(text) && !isExcludedPath(path));
}

function mapSources(json: string): SourceText[] {
  const map = parse(json);
  const contents = map?.sourcesContent ?? [];
  return (map?.sources ?? []).flatMap((source, i) => {
    if (typeof source !== 'string') return [];
    const path = source.replace(/^[a-z-]+:\/*/, '').replace(/^(?:\.\.?\/)+/, '');
    const text = contents[i];
    return typeof text === 'string' && isTyped(path) && !FOREIGN.test(source) ? [{ path, text }] : [];
  });
}

interface SourceMap {
  readonly sources?: readonly (string | null)[] | null;
  readonly sourcesContent?: readonly (string | null)[] | null;
}

function parse(json: string): SourceMap | undefined {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Not minified, and not a table of data. */
function isReadable(text: string): boolean {
  if (text.length === 0) return false;
  const lines = text.split('\n').length;
  return text.length / lines <= MAX_AVERAGE_LINE && /[a-z]/i.test(text);
}

export function isGuide(path: string): boolean {
  return path.endsWith('.md') && !/change|licen[cs]e|contribut|code_of_conduct|security/i.test(path);
}
