// What indexing would take in, and the table of languages, as text.
import type { DryRun } from '../../dry-run.js';
import type { KnownLanguage } from '../../language-list.js';
import { byCount, renderSkipped } from './report.js';
import { bytes, count, visible } from './style.js';

export function renderDryRun(found: DryRun): string {
  const { repository, project, files, listed_by, chunks, seconds } = found;
  const size = bytes(found.bytes);
  return [
    `${repository}: ${count(files, 'file')}, ${size}, ${listed_by === 'git' ? 'as git lists them' : 'found without git'} (project ${project}); nothing was written`,
    `  indexing would take about ${count(seconds, 'second')} and make about ${count(chunks, 'chunk')}`,
    `  languages: ${byCount(found.languages)}`,
    `  largest directories: ${found.directories.map((d) => `${visible(d.path)} ${count(d.files, 'file')} ${bytes(d.bytes)}`).join(', ') || 'none'}`,
    ...renderSkipped(found.skipped),
  ].join('\n');
}

const CUT_AT: Readonly<Record<KnownLanguage['cut_at'], string>> = {
  syntax: 'grammar',
  definitions: 'patterns',
  size: 'lines',
};

/** One line per language: name and aliases, how its files are cut, which files they are. */
export function renderLanguages(languages: readonly KnownLanguage[]): string {
  const rows = languages.map((language) => [
    [language.name, ...language.aliases.filter((alias) => alias !== language.name)].join(', '),
    language.grammar === null ? CUT_AT[language.cut_at] : `${CUT_AT[language.cut_at]} ${language.grammar}`,
    [
      ...language.extensions.map((extension) => `.${extension}`),
      ...language.file_names,
      ...language.interpreters.map((name) => `#!${name}`),
    ].join(' '),
  ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const how = (kind: KnownLanguage['cut_at']): number => languages.filter(({ cut_at }) => cut_at === kind).length;
  return [
    ...rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')),
    `${count(languages.length, 'language')}: ${how('syntax')} are cut at their syntax tree, ${how('definitions')} at lines where a definition begins, ${how('size')} by size.`,
  ].join('\n');
}
