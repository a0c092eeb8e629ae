// Secrets in source text → a note of what stood there, before anything else sees the text: what is not indexed cannot be
// returned. Formats that name themselves, as the secret scanners list them; a password that looks like any word is not found.

/** Raised whenever a pattern changes, so that files are indexed anew. */
export const REDACTION_VERSION = 1;

interface Secret {
  readonly what: string;
  /** A match is the secret, or what `keep` captures and then the secret. */
  readonly pattern: RegExp;
  /** Every match holds one of these; most files hold none. */
  readonly hints: readonly string[];
}

/** Prefixes and lengths as their issuers document them and gitleaks and GitHub's secret scanning use them. */
const SECRETS: readonly Secret[] = [
  { what: 'AWS access key id', hints: ['AKIA', 'ASIA'], pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g },
  {
    what: 'AWS secret access key',
    hints: ['secret_access_key', 'SecretAccessKey', 'secretAccessKey', 'SECRET_ACCESS_KEY'],
    pattern: /(?<keep>secret_?access_?key["']?\s*[:=]\s*["']?)[A-Za-z0-9/+]{40}\b/gi,
  },
  {
    what: 'GitHub token',
    hints: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    pattern: /\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g,
  },
  { what: 'GitHub token', hints: ['github_pat_'], pattern: /\bgithub_pat_\w{50,255}\b/g },
  { what: 'GitLab token', hints: ['glpat-'], pattern: /\bglpat-[\w-]{20,}/g },
  { what: 'Slack token', hints: ['xox', 'xapp-'], pattern: /\b(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}/g },
  {
    what: 'Slack webhook',
    hints: ['hooks.slack.com/'],
    pattern: /hooks\.slack\.com\/(?:services|workflows)\/[\w/+-]{40,}/g,
  },
  { what: 'Stripe key', hints: ['k_live_', 'k_test_'], pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g },
  { what: 'Anthropic key', hints: ['sk-ant-'], pattern: /\bsk-ant-[\w-]{32,}/g },
  {
    what: 'OpenAI key',
    hints: ['sk-'],
    pattern: /\bsk-(?:(?:proj|svcacct|admin)-[\w-]{40,}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})/g,
  },
  { what: 'Google API key', hints: ['AIza'], pattern: /\bAIza[\w-]{35}/g },
  { what: 'Google OAuth secret', hints: ['GOCSPX-'], pattern: /\bGOCSPX-[\w-]{28}/g },
  { what: 'npm token', hints: ['npm_'], pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { what: 'PyPI token', hints: ['pypi-AgE'], pattern: /\bpypi-AgE[\w-]{50,}/g },
  { what: 'Hugging Face token', hints: ['hf_'], pattern: /\bhf_[A-Za-z]{34}\b/g },
  { what: 'SendGrid key', hints: ['SG.'], pattern: /\bSG\.[\w-]{22}\.[\w-]{43}\b/g },
  { what: 'DigitalOcean token', hints: ['_v1_'], pattern: /\bdo[oprt]_v1_[a-f0-9]{64}\b/g },
  { what: 'JSON web token', hints: ['eyJ'], pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g },
  {
    what: 'private key',
    hints: ['PRIVATE KEY'],
    pattern:
      /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]{16,}?-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g,
  },
  {
    what: 'password',
    hints: ['://'],
    pattern:
      /(?<keep>:\/\/[^\s/:@'"`<>{}]{1,64}:)(?!pass(?:word)?@|secret@|postgres@)[^\s/:@'"`$<>{}()[\]%*]{6,64}(?=@[\w[])/gi,
  },
];

/** The text with `[redacted: GitHub token]` where such a thing was; its lines stay where they are. */
export function redact(text: string): string {
  return SECRETS.reduce(
    (clean, { what, pattern, hints }) =>
      hints.some((hint) => clean.includes(hint))
        ? clean.replace(pattern, (...match) => replacement(what, match))
        : clean,
    text,
  );
}

function replacement(what: string, match: readonly unknown[]): string {
  const groups = match.at(-1);
  const keep = typeof groups === 'object' && groups !== null && 'keep' in groups ? String(groups.keep) : '';
  return `${keep}[redacted: ${what}]${'\n'.repeat(String(match[0]).split('\n').length - 1)}`;
}
