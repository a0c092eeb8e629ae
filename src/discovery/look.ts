// What is at a path: links are not followed, and no answer is an exception.
import { lstatSync, type Stats } from 'node:fs';

/** Null when nothing is there, an error code such as EACCES when it cannot be told. */
export function look(path: string): Stats | string | null {
  try {
    return lstatSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? null : code;
  }
}
