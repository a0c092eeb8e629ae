// Options that several commands share, each written down once.
import { Option } from 'commander';

export const jsonOption = (): Option => new Option('--json', 'print the answer as JSON');

export const projectOption = (): Option =>
  new Option('--project <id>', 'project: lower-case letters, digits and hyphens (default: default)');

/** Collects a repeatable option. */
export function repeatable(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
