// The files of a tiny repository: two languages, a few symbols with words of their own.
export const SHOP: Readonly<Record<string, string>> = {
  'src/cart.ts': `import { priceOf } from './prices.js';

/** Sum of all items, with the discount for loyal customers. */
export function cartTotal(items: readonly string[], loyal: boolean): number {
  const sum = items.map(priceOf).reduce((a, b) => a + b, 0);
  return loyal ? sum * 0.9 : sum;
}
`,
  'src/prices.ts': `const PRICES = new Map([['tea', 3], ['cup', 8]]);

export function priceOf(item: string): number {
  const price = PRICES.get(item);
  if (price === undefined) throw new Error('no price for ' + item);
  return price;
}
`,
  'tools/backup.py': `import shutil


class NightlyBackup:
    """Copies the order database to the archive disk every night."""

    def run(self, source, target):
        shutil.copytree(source, target)
`,
  'README.md': '# Shop\n\nSells tea and cups.\n',
  'logo.png': '\u0089PNG\u0000\u0000',
};
