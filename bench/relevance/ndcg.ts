// NDCG@10 with binary gain, as the shared benchmark computes it, for rankings that are already in memory. Pure.

const DEPTH = 10;

/** `ranked`: for each file, best first, the number of the target that it is, or −1. `targets`: how many there are. */
export function ndcg(ranked: readonly number[], targets: number): number {
  const seen = new Set<number>();
  let found = 0;
  for (const [rank, target] of ranked.slice(0, DEPTH).entries()) {
    if (target < 0 || seen.has(target)) continue;
    seen.add(target);
    found += gain(rank);
  }
  let ideal = 0;
  for (let rank = 0; rank < Math.min(DEPTH, targets); rank++) ideal += gain(rank);
  return found / ideal;
}

function gain(rank: number): number {
  return 1 / Math.log2(rank + 2);
}
