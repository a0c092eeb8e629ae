// Listwise softmax: weights under which the answers of a question stand out among its candidates. Convex, so Newton's
// method finds the one best point in a few steps, whatever it starts from. Pure.

/** One question: rows of `x` are candidates, `answers` are the rows that are right (at least one). */
export interface Lesson {
  readonly x: readonly Float64Array[];
  readonly answers: readonly number[];
}

const MAX_STEPS = 20;
const SMALLEST_STEP = 1e-3;
const CONVERGED = 1e-3;

/**
 * Minimises the mean over lessons of −log softmax of the answers plus `pull`/2 · |w − center|². `center` says where
 * weights go that the lessons say nothing about.
 */
export function fitSoftmax(lessons: readonly Lesson[], center: Float64Array, pull: number): Float64Array {
  let weights: Float64Array = Float64Array.from(center);
  let now = lossOf(lessons, weights, center, pull);
  for (let step = 0; step < MAX_STEPS; step++) {
    const direction = newtonDirection(lessons, weights, center, pull);
    const next = descend(lessons, weights, direction, now, center, pull);
    if (next === null) break;
    const moved = Math.max(...next.weights.map((value, k) => Math.abs(value - (weights[k] ?? 0))));
    ({ weights, loss: now } = next);
    if (moved < CONVERGED) break;
  }
  return weights;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] ?? 0) * (b[k] ?? 0);
  return sum;
}

/** Halves the step until the loss falls; null where none does. */
function descend(
  lessons: readonly Lesson[],
  from: Float64Array,
  direction: Float64Array,
  loss: number,
  center: Float64Array,
  pull: number,
): { weights: Float64Array; loss: number } | null {
  for (let size = 1; size > SMALLEST_STEP; size /= 2) {
    const weights = from.map((value, k) => value - size * (direction[k] ?? 0));
    const next = lossOf(lessons, weights, center, pull);
    if (next < loss) return { weights, loss: next };
  }
  return null;
}

function lossOf(lessons: readonly Lesson[], weights: Float64Array, center: Float64Array, pull: number): number {
  let loss = 0;
  for (const { x, answers } of lessons) {
    const probabilities = softmax(x.map((row) => dot(row, weights)));
    for (const answer of answers) loss -= Math.log((probabilities[answer] ?? 0) + 1e-300) / answers.length;
  }
  const away = weights.map((value, k) => value - (center[k] ?? 0));
  return loss / lessons.length + (pull / 2) * dot(away, away);
}

function newtonDirection(
  lessons: readonly Lesson[],
  weights: Float64Array,
  center: Float64Array,
  pull: number,
): Float64Array {
  const size = weights.length;
  const gradient = weights.map((value, k) => pull * (value - (center[k] ?? 0)));
  const hessian = Array.from({ length: size }, (_, k) => {
    const row = new Float64Array(size);
    row[k] = pull;
    return row;
  });
  for (const lesson of lessons) addLesson(lesson, weights, 1 / lessons.length, gradient, hessian);
  return solve(hessian, gradient);
}

/** Adds a lesson's gradient (expected minus observed) and Hessian (covariance of the rows under the softmax). */
function addLesson(
  { x, answers }: Lesson,
  weights: Float64Array,
  share: number,
  gradient: Float64Array,
  hessian: readonly Float64Array[],
): void {
  const probabilities = softmax(x.map((row) => dot(row, weights)));
  const mean = new Float64Array(weights.length);
  for (const [i, row] of x.entries()) add(mean, row, probabilities[i] ?? 0);
  add(gradient, mean, share);
  for (const answer of answers) add(gradient, x[answer] ?? mean, -share / answers.length);
  for (const [i, row] of x.entries()) {
    const weight = (probabilities[i] ?? 0) * share;
    if (weight < 1e-9) continue;
    const away = row.map((value, k) => value - (mean[k] ?? 0));
    for (const [k, target] of hessian.entries()) add(target, away, weight * (away[k] ?? 0));
  }
}

function add(target: Float64Array, source: Float64Array, factor: number): void {
  for (let k = 0; k < target.length; k++) target[k] = (target[k] ?? 0) + factor * (source[k] ?? 0);
}

function softmax(scores: readonly number[]): number[] {
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

/** Gaussian elimination; the matrix is positive definite because of the pull, so its diagonal can be the pivot. */
function solve(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const rows = matrix.map((row, k) => Float64Array.from([...row, right[k] ?? 0]));
  const size = rows.length;
  for (const [k, pivot] of rows.entries()) {
    for (const row of rows.slice(k + 1)) add(row, pivot, -(row[k] ?? 0) / (pivot[k] ?? 1));
  }
  const solution = new Float64Array(size);
  for (const [k, row] of [...rows.entries()].reverse()) {
    let rest = row[size] ?? 0;
    for (let j = k + 1; j < size; j++) rest -= (row[j] ?? 0) * (solution[j] ?? 0);
    solution[k] = rest / (row[k] ?? 1);
  }
  return solution;
}
