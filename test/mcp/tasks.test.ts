// Long jobs: as tasks for clients of the Tasks extension, and by their id for all others, over whatever connection.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@modelcontextprotocol/client';
import type { TaskEnabledSession, TaskView } from '@modelcontextprotocol/ext-tasks/client';
import { CreateTaskResultV2Schema, GetTaskResultV2Schema } from '@modelcontextprotocol/ext-tasks/core/v2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Job } from '#src/service.js';
import type { Setting } from '../cli/command.js';
import { freshShop } from '../cli/shop.js';
import { killOwner } from '../owner/processes.js';
import { call, connect, type Era } from './client.js';
import { type HeldEmbedder, heldEmbedder } from './held-embedder.js';
import { type HttpServer, serve } from './http/server.js';
import { raw, taskSession } from './tasks-client.js';

let setting: Setting & { remove: () => Promise<void> };
let embedder: HeldEmbedder;
let server: HttpServer | undefined;
beforeEach(async () => {
  embedder = await heldEmbedder();
  ({ setting } = await freshShop());
  Object.assign(setting.env, { CODEBASE_MCP_EMBEDDER: 'ollama', OLLAMA_BASE_URL: embedder.url });
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  embedder.close();
  await setting.remove();
});

const NOBODYS = '00000000-0000-4000-8000-000000000000';

describe.each(['stdio', 'HTTP'])('over %s', (transport) => {
  const open = async (era: Era): Promise<Client> => {
    if (transport === 'stdio') return connect(setting, era);
    server ??= await serve(setting);
    return server.connect(era);
  };
  /** A task whose job waits for the embedder. */
  const begin = async (session: TaskEnabledSession): Promise<string> => {
    const execution = await session.callTool('index_repository');
    if (execution.kind !== 'task') throw new Error('not a task');
    await execution.detach();
    return execution.handle.taskId;
  };
  /** The task once it has ended. */
  const end = async (session: TaskEnabledSession, id: string): Promise<TaskView> => {
    const seen = await session.task(id as never).snapshot();
    if (seen.status !== 'working') return seen;
    await sleep(50);
    return end(session, id);
  };

  test('a job that takes longer is a task; its result is the tool’s answer', async () => {
    const client = await open('modern');
    const session = taskSession(client);
    const execution = await session.callTool('index_repository');
    expect(execution.kind).toBe('task');
    embedder.release();
    const { outcome } = await execution.settle();
    expect(outcome).toMatchObject({
      status: 'completed',
      result: {
        content: [{ text: expect.stringContaining(': completed.') }],
        structuredContent: { state: 'completed' },
      },
      task: { status: 'completed', statusMessage: 'completed' },
    });
    // What is up to date needs no task, or a short one.
    const again = await (await session.callTool('index_repository')).settle();
    expect(again.outcome).toMatchObject({ status: 'completed', result: { structuredContent: { state: 'completed' } } });
    await client.close();
  });

  test('its shape on the wire is the extension’s, and it is kept for an hour after its end', async () => {
    const client = await open('modern');
    const session = taskSession(client);
    const dispatch = raw(client);
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '0' },
      'io.modelcontextprotocol/clientCapabilities': { extensions: { 'io.modelcontextprotocol/tasks': {} } },
    };
    const ask = async (method: string, params: object) => {
      const answer = await dispatch({ method, params: { ...params, _meta } } as never);
      return answer.kind === 'result' ? answer.result : answer.error;
    };
    // What clients of 2025-11-25 would add changes nothing.
    const created = await ask('tools/call', { name: 'index_repository', arguments: {}, task: { ttl: 1000 } });
    expect(CreateTaskResultV2Schema.parse(created)).toMatchObject({ status: 'working', ttlMs: null });
    const { taskId } = created as { taskId: string };
    expect(GetTaskResultV2Schema.parse(await ask('tasks/get', { taskId })).status).toBe('working');
    expect(await ask('tasks/update', { taskId, inputResponses: {} })).toMatchObject({ resultType: 'complete' });
    expect(await ask('tasks/update', { taskId: NOBODYS, inputResponses: {} })).toMatchObject({ code: -32602 });
    expect(await ask('tasks/result', { taskId })).toMatchObject({ code: -32601 });
    expect(await ask('tasks/list', {})).toMatchObject({ code: -32601 });
    embedder.release();
    await end(session, taskId);
    const done = GetTaskResultV2Schema.parse(await ask('tasks/get', { taskId }));
    expect(done.ttlMs).toBe(Date.parse(done.lastUpdatedAt) - Date.parse(done.createdAt) + 3_600_000);
    for (let runs = 0; runs < 25; runs++) await call(client, 'index_repository');
    expect(await ask('tasks/get', { taskId })).toMatchObject({ status: 'completed', taskId });
    await client.close();
  });

  test('cancelled, it is cancelled for good', async () => {
    const client = await open('modern');
    const session = taskSession(client);
    const execution = await session.callTool('index_repository');
    await execution.cancel();
    expect((await execution.settle()).outcome).toMatchObject({ status: 'cancelled' });
    expect(await session.task(execution.handle?.taskId as never).snapshot()).toMatchObject({ status: 'cancelled' });
    await session.cancelTask(execution.handle?.taskId as never);
    await expect(session.task(NOBODYS as never).snapshot()).rejects.toThrow(`There is no job ${NOBODYS}`);
    await expect(session.cancelTask(NOBODYS as never)).rejects.toThrow(`There is no job ${NOBODYS}`);
    await client.close();
  });

  test('it outlives its connection and the death of the owner', async () => {
    const first = await open('modern');
    const id = await begin(taskSession(first));
    await first.close();
    const second = await open('modern');
    const session = taskSession(second);
    expect(await session.task(id as never).snapshot()).toMatchObject({ status: 'working' });
    await killOwner(setting);
    expect(await session.task(id as never).snapshot()).toMatchObject({ status: 'working' });
    embedder.release();
    expect(await end(session, id)).toMatchObject({ status: 'completed' });
    await second.close();
  });

  describe.each<Era>(['legacy', 'modern'])('without the extension, in the %s era', (era) => {
    test('nothing is a task, and a job outlives its connection and the death of the owner by its id', async () => {
      const first = await open(era);
      const waiting = call(first, 'index_repository').catch(() => null);
      const running = async (client: Client): Promise<Job> => {
        const { jobs } = (await call(client, 'get_indexing_status')).structured as { jobs: unknown[] };
        const found = jobs.map((job) => Job.parse(job)).find(({ state }) => state === 'running');
        if (found !== undefined) return found;
        await sleep(50);
        return running(client);
      };
      const { job_id } = await running(first);
      await first.close();
      await waiting;
      const second = await open(era);
      expect(await running(second)).toMatchObject({ job_id });
      await killOwner(setting);
      expect(await running(second)).toMatchObject({ job_id });
      const { structured } = await call(second, 'cancel_indexing', { job_id });
      expect(structured).toMatchObject({ job_id, state: 'cancelled' });
      await second.close();
      const third = await open(era);
      embedder.release();
      expect(await call(third, 'get_indexing_status', { job_id })).toMatchObject({
        structured: { jobs: [{ job_id, state: 'cancelled' }] },
      });
      const again = await third.callTool({ name: 'index_repository' });
      expect(again).toMatchObject({ structuredContent: { state: 'completed' } });
      expect(again).not.toHaveProperty('taskId');
      const extensions = era === 'modern' ? { 'io.modelcontextprotocol/tasks': {} } : undefined;
      expect(third.getServerCapabilities()?.extensions).toEqual(extensions);
      const asked = await raw(third)({
        method: 'tasks/get',
        params: { taskId: job_id, ...(era === 'modern' && { _meta: UNDECLARED }) },
      } as never);
      expect(asked).toMatchObject({ kind: 'error', error: { code: era === 'modern' ? -32021 : -32601 } });
      await third.close();
    });
  });
});

const UNDECLARED = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
