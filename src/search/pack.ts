// Ranked files → results within a token budget: the best place of each file with its code, and where else to look. Pure.
import type { SearchRequest, SearchResult } from '../service.js';
import { declaration } from './declaration.js';

/** Bytes per token of an answer as JSON, a little low so that budgets hold: 3.5 over real answers, 2.8 for the densest twentieth. */
const BYTES_PER_TOKEN = 3;
/** What an answer says besides its results: what was searched, and notes. */
const REST_TOKENS = 150;
/** Lines shown of a place whose code does not fit. */
const OUTLINE_LINES = 3;
/** Shorter code costs less than to say where else it stands. */
const REPEATED_CHARACTERS = 120;

export interface Packed {
  readonly results: readonly SearchResult[];
  /** What is missing from the answer, and how to get it. */
  readonly notes: readonly string[];
}

export type Detail = NonNullable<SearchRequest['detail']>;

/**
 * Give each result its whole code, or what of it `detail` asks for, while the budget lasts, then only its first lines. Code
 * that stands in several places is shown at the first. The structured answer is what has to fit: its text is shorter.
 * Without an end to the budget nothing is left out, for an answer that becomes part of another.
 */
export function pack(found: readonly SearchResult[], maxTokens: number, detail: Detail): Packed {
  if (maxTokens === Number.POSITIVE_INFINITY) return { results: found.map(PARTS[detail]), notes: [] };
  const seen = new Map<string, SearchResult>();
  const whole = found.map((each) => once(PARTS[detail](each), seen));
  const short = whole.map(({ result, same }) => ({ result: outline(result), same }));
  const costs = short.map(cost);
  let left = maxTokens - REST_TOKENS - costs.reduce((sum, tokens) => sum + tokens, 0);
  let kept = short.length;
  for (; kept > 1 && left < 0; kept--) left += costs[kept - 1] ?? 0;
  const results = whole.slice(0, kept).map((place, i) => {
    const extra = cost(place) - (costs[i] ?? 0);
    if (extra > left) return short[i]?.result ?? place.result;
    left -= extra;
    return place.result;
  });
  const repeats = whole.slice(0, kept).flatMap(({ same }) => same ?? []);
  const cut = results.filter((result) => result.truncated).length;
  return { results, notes: notesOf(repeats, cut, found.length - kept) };
}

interface Shown {
  readonly result: SearchResult;
  /** Where its code is shown instead, in words; null when it has its own. */
  readonly same: string | null;
}

function once(result: SearchResult, seen: Map<string, SearchResult>): Shown {
  if (result.code.length < REPEATED_CHARACTERS) return { result, same: null };
  const first = seen.get(result.code);
  if (first === undefined) {
    seen.set(result.code, result);
    return { result, same: null };
  }
  const name = ({ repository, path, start_line, end_line }: SearchResult) =>
    `${first.repository === result.repository ? '' : `${repository}/`}${path}:${start_line}-${end_line}`;
  return { result: { ...result, code: '' }, same: `${name(result)} as ${name(first)}` };
}

function outline(result: SearchResult): SearchResult {
  const lines = result.code.split('\n');
  return lines.length <= OUTLINE_LINES
    ? result
    : { ...result, code: lines.slice(0, OUTLINE_LINES).join('\n'), truncated: true };
}

const PARTS: Readonly<Record<Detail, (result: SearchResult) => SearchResult>> = {
  paths: (result) => ({ ...result, code: '' }),
  signatures: (result) => {
    const { text, offset } = declaration(result.code, result.symbol);
    return { ...result, code: text, code_line: result.start_line + offset };
  },
  code: (result) => result,
};

function cost({ result, same }: Shown): number {
  return Buffer.byteLength(`${JSON.stringify(result)}${same ?? ''}`) / BYTES_PER_TOKEN;
}

function notesOf(repeats: readonly string[], cut: number, dropped: number): readonly string[] {
  const notes: string[] = [];
  if (repeats.length > 0) notes.push(`The same code is shown once: ${repeats.join(', ')}.`);
  if (cut > 0)
    notes.push(`max_tokens left room for only the first lines of ${cut} of the results; raise it or read the files.`);
  if (dropped > 0)
    notes.push(
      `${dropped} further ${dropped === 1 ? 'result' : 'results'} did not fit into max_tokens; raise it, or narrow the search.`,
    );
  return notes;
}
