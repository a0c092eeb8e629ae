// A search answer as text: what was searched, then the files best first with their places and code.
import type { RelatedAnswer, SearchAnswer, SearchResult } from '../../service.js';
import { indexedLine } from './report.js';
import { count, duration, type Style, visible } from './style.js';

export function renderSearch(answer: SearchAnswer | RelatedAnswer, style: Style): string {
  const { results, indexed_now: indexed, notes } = answer;
  const several = answer.project.includes(',')
    ? 'projects'
    : answer.searched.repositories.length > 1
      ? 'repositories'
      : null;
  return [
    ...(indexed === null ? [] : [`Indexed first: ${indexedLine(indexed)}`]),
    summary(answer),
    ...(results.length > 0 ? style.notice : []),
    ...results.map((result) => `${result.code === '' ? '' : '\n'}${renderResult(result, several, style)}`),
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => style.faint(`Note: ${visible(note)}`))]),
  ].join('\n');
}

function summary(answer: SearchAnswer | RelatedAnswer): string {
  const { results, searched, project, elapsed_ms } = answer;
  const [only] = searched.repositories;
  const where =
    searched.repositories.length === 1 ? only : `project ${project} (${searched.repositories.length} repositories)`;
  const found = results.length === 0 ? 'Nothing found' : count(results.length, 'file');
  const what = 'query' in answer ? `for ${quoted(answer.query)}` : `like ${placeName(answer.place)}`;
  const line = `${found} ${what} in ${where}, ${count(searched.files, 'file')} searched in ${duration(elapsed_ms)}.`;
  return results.length === 0 ? `${line}${notSearched(answer)}` : line;
}

function placeName(place: RelatedAnswer['place']): string {
  const name = named(place);
  return `${visible(place.path)}:${lines(place)}${name === '' ? '' : ` ${name}`}`;
}

/** Where nothing was found: what was not looked at, and what else may help. */
function notSearched({ searched: { files, files_left_out: leftOut } }: SearchAnswer | RelatedAnswer): string {
  const unseen =
    leftOut === 0 ? '' : ` ${count(leftOut, 'file')} left out of the index; the indexing status says which and why.`;
  return files === 0
    ? ` No indexed file passes the filters.${unseen}`
    : `${unseen} Other words, fewer filters or the whole project may find more.`;
}

const QUOTED_CHARACTERS = 120;

function quoted(query: string): string {
  return `“${shortened(query)}”`;
}

/** A question as an answer repeats it: who asked knows the rest. */
export function shortened(query: string): string {
  const line = visible(query.replace(/\s+/g, ' ').trim());
  return line.length > QUOTED_CHARACTERS ? `${line.slice(0, QUOTED_CHARACTERS)}…` : line;
}

function renderResult(result: SearchResult, several: 'projects' | 'repositories' | null, style: Style): string {
  const path =
    several === null
      ? result.path
      : `${several === 'projects' ? `${result.project}: ` : ''}${result.repository}/${result.path}`;
  const score = style.faint(`(score ${result.score.toFixed(2)})`);
  const heading = [style.strong(`${visible(path)}:${lines(result)}`), named(result), score]
    .filter((part) => part !== '')
    .join(' ');
  const cut = result.truncated ? [style.faint('  … cut; the place goes on')] : [];
  const more = result.more.map((place) => [lines(place), named(place)].filter((part) => part !== '').join(' '));
  const also = more.length === 0 ? [] : [style.faint(`  also in this file: ${more.join(', ')}`)];
  return [
    heading,
    ...(result.code === '' ? [] : [style.code(result.code.replace(/\n+$/, ''), result.code_line, result.language)]),
    ...cut,
    ...also,
    ...(result.why === undefined ? [] : [style.faint(`  why: ${points(result.why)}`)]),
  ].join('\n');
}

/** Signals that add or take something, the weightiest first, with their value where it says more than the points. */
function points(why: NonNullable<SearchResult['why']>): string {
  const counted = why.filter((each) => each.points !== 0);
  return counted.map(({ signal, points: added, value }) => `${signal} ${signed(added)} (${value})`).join(', ');
}

function signed(value: number): string {
  return value < 0 ? `−${Math.abs(value).toFixed(2)}` : `+${value.toFixed(2)}`;
}

interface Place {
  readonly start_line: number;
  readonly end_line: number;
  readonly symbol: string | null;
  readonly kind: string | null;
}

function lines({ start_line, end_line }: Place): string {
  return start_line === end_line ? String(start_line) : `${start_line}-${end_line}`;
}

function named({ kind, symbol }: Place): string {
  return symbol === null ? '' : visible([kind, symbol].filter((part) => part !== null).join(' '));
}
