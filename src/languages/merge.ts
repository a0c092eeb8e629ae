// Units → groups of units, one group per chunk: small neighbours join, symbols of some size stay alone.
import { MAX_LINES, TARGET_WEIGHT } from './lines.js';
import type { CodeSymbol } from './outline.js';
import type { Unit } from './split.js';

/** Less than this is joined to a neighbour, whatever it is. */
const MIN_WEIGHT = 150;
/** A symbol of this weight has a chunk of its own. */
const OWN_WEIGHT = 250;

/** Symbols that structure data and prose: neighbours join however large they are. */
const PARTS: ReadonlySet<string> = new Set([
  'section',
  'key',
  'element',
  'rule',
  'declaration',
  'signature',
  'statement',
  'label',
  'stage',
]);

/** Symbols that add to what is defined elsewhere, or that many files share. */
const NOT_DEFINITIONS: ReadonlySet<string> = new Set(['impl', 'instance', 'extension', 'namespace', 'test']);

/** Names given by the language or by us, not by an author. */
const NOT_NAMES: ReadonlySet<string> = new Set(
  'constructor default module.exports init deinit subscript this[] Companion __all__ __init__ initialize __construct'.split(
    ' ',
  ),
);

/** Does the symbol define a name that code refers to? */
export function isDefinition(symbol: CodeSymbol): boolean {
  return !PARTS.has(symbol.kind) && !NOT_DEFINITIONS.has(symbol.kind) && !NOT_NAMES.has(symbol.name);
}

/** The units of one chunk, in order. */
export interface Piece {
  readonly units: readonly Unit[];
}

interface OpenPiece {
  readonly units: Unit[];
  weight: number;
}

export function mergeUnits(units: readonly Unit[]): Piece[] {
  const pieces: OpenPiece[] = [];
  for (const unit of joinClauses(units)) {
    const open = pieces.at(-1);
    if (open && joins(open, unit)) {
      open.units.push(unit);
      open.weight += unit.weight;
    } else {
      pieces.push({ units: [unit], weight: unit.weight });
    }
  }
  return pieces;
}

function joins(piece: OpenPiece, unit: Unit): boolean {
  const first = piece.units[0];
  if (!first) return false;
  if (piece.weight + unit.weight > TARGET_WEIGHT || unit.last - first.first >= MAX_LINES) return false;
  if (unit.weight === 0 || piece.weight === 0) return true;
  if (unit.opens && piece.weight >= MIN_WEIGHT) return false;
  if (unit.weight < MIN_WEIGHT || piece.weight < MIN_WEIGHT) return true;
  return first.enclosing === unit.enclosing && !isOwn(unit) && !piece.units.some(isOwn);
}

/** Overloads and the clauses of one function become one unit; blank lines go with what is above them. */
function joinClauses(units: readonly Unit[]): Unit[] {
  const joined: Unit[] = [];
  for (const unit of units) {
    const before = joined.at(-1);
    if (before && (unit.weight === 0 || continues(before, unit)) && fitsWith(before, unit))
      joined[joined.length - 1] = together(before, unit);
    else joined.push(unit);
  }
  return joined;
}

function continues(before: Unit, unit: Unit): boolean {
  return before.symbol !== null && before.symbol.name === unit.symbol?.name && before.enclosing === unit.enclosing;
}

function fitsWith(before: Unit, unit: Unit): boolean {
  return before.weight + unit.weight <= TARGET_WEIGHT && unit.last - before.first < MAX_LINES;
}

function together(before: Unit, unit: Unit): Unit {
  const symbol =
    unit.symbol && before.symbol && unit.symbol.length > before.symbol.length ? unit.symbol : before.symbol;
  return { ...before, last: unit.last, weight: before.weight + unit.weight, symbol };
}

function isOwn(unit: Unit): boolean {
  return unit.symbol !== null && !PARTS.has(unit.symbol.kind) && unit.weight >= OWN_WEIGHT;
}

/** The symbol that a chunk is mostly about: what its units are, else what they are part of, by weight. */
export function mainSymbol(piece: Piece): CodeSymbol | null {
  const weights = new Map<CodeSymbol, number>();
  for (const unit of piece.units) {
    const symbol = unit.symbol ?? unit.enclosing;
    if (symbol) weights.set(symbol, (weights.get(symbol) ?? 0) + unit.weight);
  }
  let best: CodeSymbol | null = null;
  let bestWeight = -1;
  for (const [symbol, weight] of weights) {
    if (weight > bestWeight) {
      best = symbol;
      bestWeight = weight;
    }
  }
  return best;
}
