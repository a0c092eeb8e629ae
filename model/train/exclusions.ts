// What must never be trained on: the repositories that search quality is measured with, and their packages, forks, ports and
// plugins. It holds for package names and for folders inside packages (vendored copies, adapters).

/** Whole words of a name that belong to nothing else; they stay out of the vocabulary too. */
const COINED = new Set(
  `absl activerecord activesupport actionpack axum chi circe fmtlib gson guzzlehttp hedis hiredis http4s ktor luv messagepack
  model2vec nvm predis pycurl quart railties sdl2 libsdl2 snapkit spdlog trpc uvloop valkey xmobar zod`.split(/\s+/),
);
/** Whole words of a name that are ordinary words as well: `rack` excludes `ruby-rack`, not `tracking`. */
const ORDINARY = new Set(
  `bats cats click cobra coroutines curb dapper ecto exposed express fmt gin illuminate keydb lazy lumen mini plug rack redict
  requests sdl telescope typer uv vapor zig`.split(/\s+/),
);
/** Names that are distinctive enough to exclude whatever has them as a part; they stay out of the vocabulary too. */
const DISTINCTIVE =
  `abseil aeson aiohttp alamofire axios bash-it commons-lang commons-text curl fastapi flask guzzle httpx jackson
  keepass laravel libuv mini.nvim monolog msgpack newtonsoft nlohmann pandoc phoenix pydantic rails redis redux serde sinatra
  starlette tokio vitest xmonad`.split(/\s+/);

/** Whether a package name, or one segment of a path, belongs to an excluded project. */
export function isExcluded(name: string): boolean {
  const lower = name.toLowerCase();
  const words = lower.split(/[^a-z0-9]+/);
  return (
    DISTINCTIVE.some((part) => lower.includes(part)) || words.some((word) => COINED.has(word) || ORDINARY.has(word))
  );
}

/** Whether a word, in lower case, says the name of an excluded project and hardly anything else. */
export function isExcludedWord(word: string): boolean {
  return COINED.has(word) || DISTINCTIVE.includes(word);
}

/** Whether any folder or the file itself on this path belongs to an excluded project. */
export function isExcludedPath(path: string): boolean {
  return path.split('/').some(isExcluded);
}
