// Projects with near-identical repositories, each with a canary that is nowhere else, and a seeded storm of operations on
// them: nothing of one may show in another, and the counts must be those of a model that is kept beside.
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { CodebaseError } from '#src/errors.js';
import type { Codebase } from '#src/service.js';
import { makeRepository, type TestRepository } from '../app/repository.js';

export interface Storm {
  readonly projects: number;
  readonly operations: number;
  readonly seed: number;
  /** Operations at a time. */
  readonly lanes: number;
}

interface Tenant {
  id: string;
  readonly canary: string;
  readonly repository: TestRepository;
  /** Files in the index, by the model; 0 when the project is gone. */
  files: number;
  extra: number;
  turn: Promise<unknown>;
}

const BASE_FILES = 3;

export async function storm(codebase: Codebase, { projects, operations, seed, lanes }: Storm): Promise<void> {
  const random = randomNumbers(seed);
  const run = randomUUID().slice(0, 6);
  const tenants = await Promise.all(Array.from({ length: projects }, (_, i) => makeTenant(`p${i}-${run}`, i)));
  try {
    const counts: Record<string, number> = {};
    let done = 0;
    const lane = async (): Promise<void> => {
      for (let at = done++; at < operations; at = done++) {
        const tenant = tenants[Math.floor(random() * tenants.length)] as Tenant;
        const other = tenants[
          (tenants.indexOf(tenant) + 1 + Math.floor(random() * (projects - 1))) % projects
        ] as Tenant;
        const operation = pick(random());
        counts[operation.name] = (counts[operation.name] ?? 0) + 1;
        await operation(codebase, tenant, other, at);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    for (const tenant of tenants) await tenant.turn;
    await compare(codebase, tenants);
    for (const tenant of tenants) if (tenant.files > 0) await search(codebase, tenant, tenants[0] as Tenant);
    // A storm in which an operation did not occur would prove nothing about it.
    expect(Object.keys(counts).sort()).toEqual(OPERATIONS.map(([, operation]) => operation.name).sort());
  } finally {
    for (const { repository } of tenants) await repository.remove();
  }
}

type Operation = (codebase: Codebase, tenant: Tenant, other: Tenant, at: number) => Promise<void>;

/** Operations with their share of the whole. */
const OPERATIONS: readonly (readonly [number, Operation])[] = [
  [0.5, search],
  [0.14, index],
  [0.1, trespass],
  [0.1, look],
  [0.06, searchSeveral],
  [0.04, removeRepository],
  [0.03, removeProject],
  [0.03, renameProject],
];

function pick(number: number): Operation {
  let left = number;
  for (const [share, operation] of OPERATIONS) {
    left -= share;
    if (left < 0) return operation;
  }
  return search;
}

/** What changes a project takes turns with what else changes it; projects change beside each other. */
async function inTurn(tenant: Tenant, work: () => Promise<void>): Promise<void> {
  const mine = tenant.turn.then(work);
  tenant.turn = mine.catch(() => {});
  await mine;
}

async function index(codebase: Codebase, tenant: Tenant, _other: Tenant, at: number): Promise<void> {
  await inTurn(tenant, async () => {
    if (at % 2 === 0) {
      tenant.extra += 1;
      await tenant.repository.write({ [`src/extra${tenant.extra}.ts`]: source(tenant.canary, `extra${tenant.extra}`) });
    }
    const report = await codebase.index({ path: tenant.repository.path, project: tenant.id });
    tenant.files = BASE_FILES + tenant.extra;
    expect(report).toMatchObject({ project: tenant.id, files: tenant.files, failed: [] });
  });
}

async function search(codebase: Codebase, tenant: Tenant, other: Tenant): Promise<void> {
  const { id } = tenant;
  const answer = await codebase
    .search({
      query: `${other.canary} charge the customer ${tenant.canary}`,
      project: id,
      limit: 100,
      max_tokens: 100_000,
    })
    .catch(unlessExpected);
  for (const result of answer?.results ?? []) expectOwn([tenant], result);
}

async function searchSeveral(codebase: Codebase, tenant: Tenant, other: Tenant): Promise<void> {
  const answer = await codebase
    .search({ query: 'canary charge', projects: [tenant.id, other.id], limit: 100, max_tokens: 100_000 })
    .catch(unlessExpected);
  for (const result of answer?.results ?? []) expectOwn([tenant, other], result);
}

/** Another project's repository is not found through this one, whatever is asked. */
async function trespass(codebase: Codebase, tenant: Tenant, other: Tenant): Promise<void> {
  const { path } = other.repository;
  await expect(codebase.remove({ path, project: tenant.id })).rejects.toBeInstanceOf(CodebaseError);
  await expect(codebase.status({ path, project: tenant.id })).rejects.toBeInstanceOf(CodebaseError);
}

/** Renames go on meanwhile, so that only what is listed under an id that did not change is compared. */
async function look(codebase: Codebase, tenant: Tenant): Promise<void> {
  await inTurn(tenant, async () => {
    const status = await codebase.status({ project: tenant.id }).catch(unlessExpected);
    const files = (status?.repositories ?? []).map((repository) => [repository.path, repository.files]);
    expect(files).toEqual(tenant.files === 0 ? [] : [[tenant.repository.path, tenant.files]]);
    for (const job of status?.jobs ?? [])
      expect([job.project, job.repository]).toEqual([tenant.id, tenant.repository.path]);
  });
}

async function removeRepository(codebase: Codebase, tenant: Tenant): Promise<void> {
  await inTurn(tenant, async () => {
    const removed = await codebase.remove({ path: tenant.repository.path, project: tenant.id }).catch(unlessExpected);
    expect(removed?.files ?? 0).toBe(tenant.files);
    tenant.files = 0;
  });
}

async function removeProject(codebase: Codebase, tenant: Tenant): Promise<void> {
  await inTurn(tenant, async () => {
    const removed = await codebase.removeProject({ project: tenant.id }).catch(unlessExpected);
    expect(removed?.files ?? 0).toBe(tenant.files);
    if (tenant.files > 0) expect(removed?.bytes).toBeGreaterThan(1000);
    tenant.files = 0;
  });
}

async function renameProject(codebase: Codebase, tenant: Tenant, _other: Tenant, at: number): Promise<void> {
  await inTurn(tenant, async () => {
    const to = `${tenant.id.split('-').slice(0, 2).join('-')}-${at}`;
    const renamed = await codebase.renameProject({ project: tenant.id, to }).catch(unlessExpected);
    if (renamed !== undefined) tenant.id = to;
    else expect(tenant.files).toBe(0);
  });
}

async function compare(codebase: Codebase, tenants: readonly Tenant[]): Promise<void> {
  const listed = (await codebase.projects()).filter(({ files }) => files > 0).map(({ id, files }) => [id, files]);
  const model = tenants.filter(({ files }) => files > 0).map(({ id, files }) => [id, files]);
  expect(listed.sort()).toEqual(model.sort());
}

function expectOwn(owners: readonly Tenant[], result: { project: string; repository: string; code: string }): void {
  const owner = owners.find(({ repository }) => repository.path === result.repository);
  expect(owner, `a result from ${result.repository}`).toBeDefined();
  const canaries = result.code.match(/canary[a-z]\d+q/g) ?? [];
  expect(canaries.filter((canary) => canary !== owner?.canary)).toEqual([]);
}

/** A project that is gone or being renamed may say so; anything else fails. */
function unlessExpected(error: unknown): undefined {
  if (error instanceof CodebaseError && (error.code === 'not_found' || error.code === 'database_unavailable')) return;
  throw error;
}

async function makeTenant(id: string, i: number): Promise<Tenant> {
  const canary = `canaryx${i}q`;
  const files = {
    'src/cart.ts': source(canary, 'cart'),
    'src/bank.ts': source(canary, 'bank'),
    'README.md': `# ${canary}\n`,
  };
  return { id, canary, repository: await makeRepository(files), files: 0, extra: 0, turn: Promise.resolve() };
}

function source(canary: string, name: string): string {
  return `/** Charges the customer. */\nexport function ${name}Charge() {\n  return '${canary}';\n}\n`;
}

/** mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
