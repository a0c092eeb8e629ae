// Choices that look random and are the same in every run: made from a hash of what they are made for.

/** 32-bit FNV-1a. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value ^= value >>> 15;
  value = Math.imul(value, 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

/** A number from 0 to below `range`. */
export function spread(text: string, range: number): number {
  return hash(text) % range;
}

/** As many of the items as asked for, the same choice in every run; `key` tells them apart. */
export function sample<T>(items: readonly T[], most: number, key: (item: T) => string): readonly T[] {
  if (items.length <= most) return items;
  const order = items.map((item) => [hash(key(item)), item] as const).sort((a, b) => a[0] - b[0]);
  return order.slice(0, most).map(([, item]) => item);
}
