// Options that several commands share, each written down once.
import { InvalidArgumentError, Option } from 'commander';

export const jsonOption = (): Option => new Option('--json', 'print the answer as JSON');

export const projectOption = (): Option =>
  new Option('--project <id>', 'project: lower-case letters, digits and hyphens (default: default)');

export const detailOption = (): Option =>
  new Option('--detail <detail>', 'of each place: paths, signatures or code (default: code)');

export const projectsOption = (): Option =>
  new Option('--project <ids>', 'project, or several of them with commas between (default: default)');

/** Collects a repeatable option. */
export function repeatable(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** An option with a number from `least` to `most`. */
export function wholeNumber(flags: string, meaning: string, least: number, most: number, usual: number): Option {
  const allowed = `${least} to ${most.toLocaleString('en-US')}`;
  return new Option(flags, `${meaning}, ${allowed}`).default(usual).argParser((text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Use a whole number from ${allowed}.`);
  });
}
