// The owner is started in an environment that gives it its starter's configuration.
import { expect, test } from 'vitest';
import { environmentOf, loadConfig } from '#src/config.js';

test.each([
  [{}, {}],
  [{ dataDir: '/data' }, { CODEBASE_MCP_OWNER_IDLE_SECONDS: '0.5', CODEBASE_MCP_LOG_FILE: '/log/file' }],
  [{ embedder: 'ollama' }, { OLLAMA_BASE_URL: 'http://host:1/', CODEBASE_MCP_OLLAMA_MODEL: 'other' }],
])('flags %j and environment %j', (flags, env) => {
  const config = loadConfig(flags, env);
  expect(loadConfig({}, environmentOf(config, { ...env, CODEBASE_MCP_EMBEDDER: 'unknown' }))).toEqual(config);
});

test('a git hook is left behind, the rest is kept', () => {
  const env = environmentOf(loadConfig({}, {}), {
    GIT_DIR: '/r/.git',
    GIT_INDEX_FILE: 'index',
    GIT_AUTHOR_NAME: 'me',
    PATH: '/bin',
  });
  expect(env).toMatchObject({ GIT_AUTHOR_NAME: 'me', PATH: '/bin' });
  expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['GIT_DIR', 'GIT_INDEX_FILE']));
});

test.each(['0', '-1', 'soon', '1e3', '604801'])('an idle time of %s is refused', (seconds) => {
  expect(() => loadConfig({}, { CODEBASE_MCP_OWNER_IDLE_SECONDS: seconds })).toThrow(
    `CODEBASE_MCP_OWNER_IDLE_SECONDS "${seconds}" must be a number from 0.1 to 604800; the default is 600.`,
  );
});
