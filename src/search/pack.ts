// Ranked files → results within a token budget: the best place of each file with its code, and where else to look. Pure.
import type { SearchRequest, SearchResult } from '../service.js';
import { declaration } from './declaration.js';

/** Characters of source code per token, a little low so that budgets hold. */
const CHARACTERS_PER_TOKEN = 3.2;
/** What a result costs besides its code. */
const OVERHEAD_TOKENS = 30;
/** Lines shown of a place whose code does not fit. */
const OUTLINE_LINES = 3;

export interface Packed {
  readonly results: readonly SearchResult[];
  /** Results whose code was cut to its first lines. */
  readonly cut: number;
}

export type Detail = NonNullable<SearchRequest['detail']>;

/** Give each result its whole code, or what of it `detail` asks for, while the budget lasts, then only its first lines. */
export function pack(found: readonly SearchResult[], maxTokens: number, detail: Detail): Packed {
  const results = found.map(PARTS[detail]);
  const outline = (result: SearchResult): SearchResult => {
    const lines = result.code.split('\n');
    return lines.length <= OUTLINE_LINES
      ? result
      : { ...result, code: lines.slice(0, OUTLINE_LINES).join('\n'), truncated: true };
  };
  let left = maxTokens - results.reduce((sum, result) => sum + cost(outline(result)), 0);
  const packed: SearchResult[] = [];
  for (const result of results) {
    const short = outline(result);
    const extra = cost(result) - cost(short);
    if (extra <= left) {
      left -= extra;
      packed.push(result);
    } else {
      packed.push(short);
    }
  }
  while (packed.length > 1 && packed.reduce((sum, result) => sum + cost(result), 0) > maxTokens) packed.pop();
  return { results: packed, cut: packed.filter((result) => result.truncated).length };
}

const PARTS: Readonly<Record<Detail, (result: SearchResult) => SearchResult>> = {
  paths: (result) => ({ ...result, code: '' }),
  signatures: (result) => {
    const { text, offset } = declaration(result.code, result.symbol);
    return { ...result, code: text, code_line: result.start_line + offset };
  },
  code: (result) => result,
};

function cost(result: SearchResult): number {
  return OVERHEAD_TOKENS + result.code.length / CHARACTERS_PER_TOKEN;
}
