// What differs between two runs, replaced in answers that a test compares as a whole.
import type { Shop } from '../cli/shop.js';

export function withoutChance(text: string, { shop, setting }: Shop): string {
  return text
    .replaceAll(shop.path, '<shop>')
    .replaceAll(String(setting.env.CODEBASE_MCP_DATA_DIR), '<data>')
    .replace(/\d+(\.\d)? m?s\b/g, '<time>')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<date>')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<job>')
    .replace(/score \d+\.\d\d/g, 'score <n>');
}
