// What a path says about a file's role. Pure.

/** Roles that a question is seldom about, each with the pattern of paths that have it. */
const ROLES = {
  test: /(^|\/)(__)?(tests?|specs?|testing|testdata|testsuite|fixtures?|mocks?|e2e|benchmarks?|bench)(__)?\/|(^|\/)(test_[^/]*|conftest)\.py$|[._-](test|tests|spec|bench)\.[^/]+$|(Tests?|Spec|TestCase|Benchmarks?)\.(java|kt|scala|cs|swift|php|groovy|hs)$/i,
  example: /(^|\/)(examples?|samples?|demos?|tutorials?|playground|docs?|documentation|website)\//i,
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

export function hasRole(role: Role, path: string): boolean {
  return ROLES[role].test(path);
}

/** File name without its directories and extensions: `a/user-store.test.ts` → `user-store`. */
export function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.indexOf('.', 1);
  return dot < 0 ? name : name.slice(0, dot);
}
