// What a path says about a file's role. Pure.
import { terms } from '../lexical/terms.js';

/** Roles that a question is seldom about, each with the pattern of paths that have it. */
const ROLES = {
  test: /(^|\/)(__)?(tests?|specs?|testing|testdata|testsuite|fixtures?|mocks?|e2e|benchmarks?|bench)(__)?\/|(^|\/)(test_[^/]*|conftest)\.py$|[._-](test|tests|spec|bench)\.[^/]+$|(Tests?|Spec|TestCase|Benchmarks?)\.(java|kt|scala|cs|swift|php|groovy|hs)$/i,
  example: /(^|\/)(examples?|samples?|demos?|tutorials?|playground|docs|documentation|website)\//i,
  vendored:
    /(^|\/)(vendor|vendored|third[_-]?party|external|extern|deps|compat|legacy|deprecated|polyfills?|shims?|node_modules)\//i,
  generated:
    /(^|\/)(generated|gen|dist|build|out)\/|\.(min|bundle|generated|g|pb|designer)\.[a-z]+$|_pb2?\.(py|js|ts)$/i,
  prose: /\.(md|markdown|mdx|rst|txt|adoc|tex)$/i,
  data: /\.(json|ya?ml|toml|xml|csv|svg|ini|cfg|lock|properties|html?|css|scss|less)$/i,
  entry: /(^|\/)(index|mod|lib|main|__init__|init|package-info|doc)\.[a-z]+$/i,
  declaration: /\.d\.[cm]?ts$|\.pyi$/i,
} as const;

export type Role = keyof typeof ROLES;
export const ROLE_NAMES = Object.keys(ROLES) as readonly Role[];

/** Words of a question that is about files of the role, so that the role says nothing against them. */
const ASKED_BY: Partial<Record<Role, string>> = {
  test: 'test tests testing spec specs fixture fixtures mock mocks mocked benchmark benchmarks',
  example: 'example examples sample samples demo demos tutorial documentation docs',
  vendored: 'vendor vendored third-party legacy deprecated compat compatibility polyfill shim',
  generated: 'generated',
  prose: 'readme changelog documentation docs markdown license',
  data: 'json yaml toml xml csv html css svg configuration properties lockfile',
  declaration: 'declaration declarations typings stub stubs',
};
const ASKED_TERMS = new Map(ROLE_NAMES.map((role) => [role, new Set(terms(ASKED_BY[role] ?? ''))]));

export function rolesOf(path: string): ReadonlySet<Role> {
  return new Set(ROLE_NAMES.filter((role) => ROLES[role].test(path)));
}

/** Whether a question with these terms is about files of the role. */
export function asksFor(role: Role, words: readonly string[]): boolean {
  return words.some((word) => ASKED_TERMS.get(role)?.has(word));
}

/** File name without its directories and extensions: `a/user-store.test.ts` → `user-store`. */
export function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.indexOf('.', 1);
  return dot < 0 ? name : name.slice(0, dot);
}
