// The version in package.json, so that it is written down once.
import { readFileSync } from 'node:fs';

const Manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

export const VERSION = Manifest.version;
