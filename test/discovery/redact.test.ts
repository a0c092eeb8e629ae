// Secrets in source text never get further than the reader of files. The samples are put together here, so that no scanner
// takes this file for a leak.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSource } from '#src/discovery/read.js';
import { redact } from '#src/discovery/redact.js';
import { makeRepository } from '../app/repository.js';

const a = (n: number): string => 'aB3dE6gH9k'.repeat(30).slice(0, n);
const SAMPLES: readonly (readonly [what: string, secret: string])[] = [
  ['AWS access key id', `AKIA${'ABCDEFGHIJKLMNOP'}`],
  ['GitHub token', `ghp_${a(36)}`],
  ['GitHub token', `github_pat_${a(22)}_${a(59)}`],
  ['GitLab token', `glpat-${a(20)}`],
  ['Slack token', `xoxb-${a(24)}`],
  ['Slack webhook', `hooks.slack.com/services/${a(9)}/${a(11)}/${a(24)}`],
  ['Stripe key', `sk_live_${a(24)}`],
  ['Anthropic key', `sk-ant-api03-${a(80)}`],
  ['OpenAI key', `sk-proj-${a(48)}`],
  ['OpenAI key', `sk-${a(20)}T3BlbkFJ${a(20)}`],
  ['Google API key', `AIza${a(35)}`],
  ['Google OAuth secret', `GOCSPX-${a(28)}`],
  ['npm token', `npm_${a(36)}`],
  ['PyPI token', `pypi-AgE${a(60)}`],
  ['Hugging Face token', `hf_${'abcdefghij'.repeat(4).slice(0, 34)}`],
  ['SendGrid key', `SG.${a(22)}.${a(43)}`],
  ['DigitalOcean token', `dop_v1_${'0123456789abcdef'.repeat(4)}`],
  ['JSON web token', `eyJ${a(20)}.eyJ${a(30)}.${a(43)}`],
];

test.each(SAMPLES)('%s', (what, secret) => {
  expect(redact(`const key = "${secret}";`)).toBe(`const key = "[redacted: ${what}]";`);
});

test('what stands before a secret stays', () => {
  expect(redact(`aws_secret_access_key = ${a(40)}`)).toBe('aws_secret_access_key = [redacted: AWS secret access key]');
  expect(redact(`postgres://app:${a(12)}@db.example.com/shop`)).toBe(
    'postgres://app:[redacted: password]@db.example.com/shop',
  );
});

test('a private key goes, and the lines after it keep their numbers', () => {
  const [begin, end] = ['BEGIN', 'END'].map((word) => `-----${word} RSA PRIVATE KEY-----`);
  const text = `const pem = \`${begin}\n${a(64)}\n${a(64)}\n${end}\`;\nconst next = 1;\n`;
  const clean = redact(text);
  expect(clean).not.toContain(a(64));
  expect(clean.split('\n').indexOf('const next = 1;')).toBe(text.split('\n').indexOf('const next = 1;'));
});

test.each([
  'AKIA is how the ids begin; sk-learn, npm_config_cache, hf_hub_download and eyJ are no secrets',
  `const url = \`postgres://\${user}:\${password}@\${host}/db\`;`,
  'DATABASE_URL=postgres://user:password@host:5432/name',
  'git clone ssh://git@example.com:22/a.git # then https://example.com:8443/@scope',
  'test("ghp_ tokens are refused", () => {})',
  '-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----',
])('ordinary text stays: %s', (text) => {
  expect(redact(text)).toBe(text);
});

test('no text loses a line', () => {
  const parts = fc.constantFrom(
    '\n',
    ...SAMPLES.map(([, secret]) => secret),
    '-----BEGIN PRIVATE KEY-----',
    'x ',
    '://a:',
    '@',
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 30 }), (some) => {
      const text = some.join('');
      expect(redact(text).split('\n')).toHaveLength(text.split('\n').length);
    }),
  );
});

test('a file is read without its secrets', async () => {
  const repository = await makeRepository({ 'src/pay.ts': `export const KEY = 'sk_live_${a(24)}';\n` }, { git: false });
  expect(await readSource(repository.path, 'src/pay.ts')).toMatchObject({
    text: "export const KEY = '[redacted: Stripe key]';\n",
  });
  await repository.remove();
});
