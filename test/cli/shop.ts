// A tiny repository: two languages, a few symbols with words of their own.
import { makeRepository, type TestRepository } from '../app/repository.js';
import { freshSetting, type Setting } from './command.js';

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

export interface Shop {
  readonly shop: TestRepository;
  /** `remove` removes the shop too. */
  readonly setting: Setting & { remove: () => Promise<void> };
}

/** The repository, and a program in it that has indexed nothing. */
export async function freshShop(files: Readonly<Record<string, string>> = SHOP): Promise<Shop> {
  const shop = await makeRepository(files);
  const { remove, ...setting } = await freshSetting(shop.path);
  return { shop, setting: { ...setting, remove: () => remove().finally(() => shop.remove()) } };
}
