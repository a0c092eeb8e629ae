// Path globs as a person writes them → a test of stored paths. Pure. All globs of a search are one automaton, which looks at
// each character of a path once: a hundred globs cost about as much as one, and none can send it back to look again.
import { CodebaseError } from '../errors.js';

/** Does the path, relative to its repository, pass? */
export type PathFilter = (path: string) => boolean;

/**
 * `*` and `?` stay within a directory, `**` crosses them, `{a,b}` and `[abc]` choose. A glob without a slash matches a name at
 * any depth, one that names a directory everything below it, and a leading `!` excludes. A path must match one of those that
 * do not exclude, if there are any. `roots`: absolute paths of the repositories, which a glob may begin with. Null: all pass.
 */
export function pathFilter(globs: readonly string[], roots: readonly string[] = []): PathFilter | null {
  const patterns = globs.map((glob) => glob.trim()).filter((glob) => glob !== '' && glob !== '!');
  const matching = (chosen: readonly string[]): PathFilter | null => {
    if (chosen.length === 0) return null;
    const automaton = new Automaton(chosen.map((glob) => belowRoot(glob, roots)));
    return (path) => automaton.matches(path);
  };
  const include = matching(patterns.filter((glob) => !glob.startsWith('!')));
  const exclude = matching(patterns.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1)));
  if (include === null && exclude === null) return null;
  return (path) => (include?.(path) ?? true) && !exclude?.(path);
}

/** A glob that begins with the path of a repository means what is in it. */
function belowRoot(glob: string, roots: readonly string[]): string {
  const root = roots.find((each) => glob === each || glob.startsWith(`${each}/`));
  return root === undefined ? glob : glob.slice(root.length) || '**';
}

type Accepts = (character: string) => boolean;

/** A place between two parts of a glob. */
interface Place {
  /** Where a character leads that is accepted. */
  readonly steps: { readonly accepts: Accepts; readonly to: number }[];
  /** Where nothing has to be read. */
  readonly free: number[];
  /** What follows and was not read yet: globs are read as far as paths lead into them. */
  readonly rests: Rest[];
}

interface Rest {
  readonly glob: string;
  readonly at: number;
  readonly groups: ReadonlyMap<number, Group>;
  readonly nested: number;
  /** The place that the end of the glob leads to. */
  readonly end: number;
}

/** Places that are reached together by what was read so far. */
interface State {
  readonly places: readonly number[];
  readonly matches: boolean;
  /** Where each code point leads, as far as paths had it; most are below 128. */
  readonly next: State[];
}

/** Places put together in states, for all paths: a hundred ordinary globs take a hundred thousand or so. */
const MOST_WORK = 1_000_000;
/** Groups in groups; those further in stand for themselves. */
const MOST_NESTED = 8;
/** The place of a glob that has been read to its end. */
const END = 0;

const any: Accepts = () => true;
const isSlash: Accepts = (character) => character === '/';
const inName: Accepts = (character) => character !== '/';

class Automaton {
  private readonly places: Place[] = [];
  private readonly states = new Map<string, State>();
  private readonly first: State;
  private work = 0;

  constructor(globs: readonly string[]) {
    this.place(); // END
    const below = this.place();
    this.places[END]?.steps.push({ accepts: isSlash, to: below });
    this.places[below]?.steps.push({ accepts: any, to: below });
    this.places[below]?.free.push(END);
    const start = this.place();
    const anywhere = this.directories(start);
    for (const glob of globs) {
      const path = glob.replace(/^\.?\//, '').replace(/\/$/, '');
      const anchored = !path.startsWith('**/') && (path.includes('/') || glob.startsWith('/'));
      this.follow(anchored ? start : anywhere, path.replace(/^\*\*\//, ''), 0, END);
    }
    this.first = this.state([start]);
  }

  matches(path: string): boolean {
    let state = this.first;
    for (let i = 0; i < path.length; i++) {
      const code = path.codePointAt(i) as number;
      if (code > 0xffff) i++;
      state = state.next[code] ?? this.after(state, code);
      if (state.places.length === 0) return false;
    }
    return state.matches;
  }

  private after(state: State, code: number): State {
    const character = String.fromCodePoint(code);
    const steps = state.places.flatMap((place) => this.at(place).steps);
    const next = this.state(steps.filter(({ accepts }) => accepts(character)).map(({ to }) => to));
    state.next[code] = next;
    return next;
  }

  /** The state of these places and of those that are reached from them for free. */
  private state(from: readonly number[]): State {
    const reached = new Set(from);
    for (const place of reached) for (const free of this.at(place).free) reached.add(free);
    this.work += reached.size;
    if (this.work > MOST_WORK) {
      throw new CodebaseError(
        'invalid_input',
        'The path globs have too many wildcards to be compared with all paths; use fewer of them, or search several times.',
      );
    }
    const places = [...reached].sort((a, b) => a - b);
    const key = places.join(' ');
    const known = this.states.get(key);
    if (known !== undefined) return known;
    const state = { places, matches: reached.has(END), next: [] };
    this.states.set(key, state);
    return state;
  }

  private place(): number {
    return this.places.push({ steps: [], free: [], rests: [] }) - 1;
  }

  private free(from: number): number {
    const to = this.place();
    this.places[from]?.free.push(to);
    return to;
  }

  private step(from: number, accepts: Accepts): number {
    const to = this.place();
    this.places[from]?.steps.push({ accepts, to });
    return to;
  }

  private repeated(from: number, accepts: Accepts): number {
    const place = this.free(from);
    this.places[place]?.steps.push({ accepts, to: place });
    return place;
  }

  /** No directory, or any number of them. */
  private directories(from: number): number {
    const end = this.step(this.repeated(from, any), isSlash);
    this.places[from]?.free.push(end);
    return end;
  }

  /** From the place `glob` leads to `end`. */
  private follow(from: number, glob: string, nested: number, end: number): void {
    const groups = nested < MOST_NESTED ? groupsOf(glob) : new Map<number, Group>();
    this.places[from]?.rests.push({ glob, at: 0, groups, nested, end });
  }

  /** A place with what follows it. */
  private at(place: number): Place {
    const found = this.places[place] as Place;
    for (let rest = found.rests.pop(); rest !== undefined; rest = found.rests.pop()) {
      if (rest.at === rest.glob.length) found.free.push(rest.end);
      else this.read(place, rest);
    }
    return found;
  }

  /** Reads one part of a glob. */
  private read(from: number, { glob, at, groups, nested, end }: Rest): void {
    const group = groups.get(at);
    const set = glob[at] === '[' ? setAt(glob, at) : null;
    const character = String.fromCodePoint(glob.codePointAt(at) ?? 0);
    let length = character.length;
    let to: number;
    if (group !== undefined) {
      to = this.place();
      for (const choice of group.choices) this.follow(from, choice, nested + 1, to);
      length = group.length;
    } else if (set !== null) {
      to = this.step(from, set.accepts);
      length = set.length;
    } else if (glob.startsWith('**/', at)) {
      to = this.directories(from);
      length = 3;
    } else if (glob.startsWith('**', at)) {
      to = this.repeated(from, any);
      length = 2;
    } else if (character === '*') {
      to = this.repeated(from, inName);
    } else {
      to = this.step(from, character === '?' ? inName : (each) => each === character);
    }
    this.places[to]?.rests.push({ glob, at: at + length, groups, nested, end });
  }
}

interface Group {
  readonly choices: readonly string[];
  /** In the glob, with its braces. */
  readonly length: number;
}

/** The groups of a glob by where they begin, also those in others; a brace without its counterpart is none. */
function groupsOf(glob: string): ReadonlyMap<number, Group> {
  const groups = new Map<number, Group>();
  const open: { readonly begin: number; readonly commas: number[] }[] = [];
  for (let i = 0; i < glob.length; i++) {
    if (glob[i] === '{') open.push({ begin: i, commas: [] });
    if (glob[i] === ',') open.at(-1)?.commas.push(i);
    const group = glob[i] === '}' ? open.pop() : undefined;
    if (group === undefined) continue;
    const bounds = [group.begin, ...group.commas, i];
    const choices = bounds.slice(1).map((end, n) => glob.slice((bounds[n] ?? 0) + 1, end));
    groups.set(group.begin, { choices, length: i + 1 - group.begin });
  }
  return groups;
}

/** The set that begins at `i`; null when nothing ends it. Its members are characters and ranges like a-z. */
function setAt(glob: string, i: number): { readonly accepts: Accepts; readonly length: number } | null {
  const found = glob.indexOf(']', i + 2);
  const [, not = '', members = ''] = found < 0 ? [] : (/^([!^]?)([^/]+)$/.exec(glob.slice(i + 1, found)) ?? []);
  if (members === '') return null;
  const ranges = [...members.matchAll(/(.)-(.)|(.)/gsu)].map(([, low, high, one]) => [low ?? one, high ?? one]);
  const has = (character: string) =>
    ranges.some(([low, high]) => (low ?? '') <= character && character <= (high ?? ''));
  return { accepts: (each) => each !== '/' && has(each) === (not === ''), length: found + 1 - i };
}
