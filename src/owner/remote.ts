// The service of the owner process, as its clients see it. When the owner dies the next call reaches another one, and what
// was being asked is asked once more where that is safe.
import { CodebaseError } from '../errors.js';
import type { Codebase } from '../service.js';
import { ConnectionLost, type OwnerConnection } from './connection.js';
import { type AnswerOf, type CallOptions, METHODS, type MethodName, type RequestOf } from './methods.js';

export class RemoteCodebase implements Codebase {
  private readonly reach: () => Promise<OwnerConnection>;
  private connection: Promise<OwnerConnection>;
  private closed = false;

  private constructor(reach: () => Promise<OwnerConnection>, first: OwnerConnection) {
    this.reach = reach;
    this.connection = Promise.resolve(first);
  }

  /** Rejects with what keeps an owner from being reached. */
  static async open(reach: () => Promise<OwnerConnection>): Promise<RemoteCodebase> {
    return new RemoteCodebase(reach, await reach());
  }

  index: Codebase['index'] = (request, options) => this.call('index', request, options);
  startIndexing: Codebase['startIndexing'] = (request) => this.call('startIndexing', request);
  job: Codebase['job'] = (id) => this.call('job', { job_id: id });
  cancel: Codebase['cancel'] = (id) => this.call('cancel', { job_id: id });
  search: Codebase['search'] = (request, options) => this.call('search', request, options);
  related: Codebase['related'] = (request, options) => this.call('related', request, options);
  readFile: Codebase['readFile'] = (request) => this.call('readFile', request);
  listPaths: Codebase['listPaths'] = (request) => this.call('listPaths', request);
  status: Codebase['status'] = (request) => this.call('status', request);
  projects: Codebase['projects'] = () => this.call('projects', {});
  remove: Codebase['remove'] = (request) => this.call('remove', request);
  removeProject: Codebase['removeProject'] = (request) => this.call('removeProject', request);
  renameProject: Codebase['renameProject'] = (request) => this.call('renameProject', request);
  moveProject: Codebase['moveProject'] = (request, options) => this.call('moveProject', request, options);
  addProject: Codebase['addProject'] = (request) => this.call('addProject', request);

  /** Leaves the owner to itself: an indexing job that nobody cancelled goes on there. */
  async close(): Promise<void> {
    this.closed = true;
    await (await this.connection.catch(() => null))?.close();
  }

  private async call<M extends MethodName>(
    method: M,
    request: RequestOf<M>,
    options: CallOptions = {},
  ): Promise<AnswerOf<M>> {
    try {
      return await this.attempt(method, request, options);
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      if (this.closed || options.signal?.aborted || !METHODS[method].repeatable) throw lost(method);
    }
    try {
      return await this.attempt(method, request, options);
    } catch (error) {
      throw error instanceof ConnectionLost ? lost(method) : error;
    }
  }

  private async attempt<M extends MethodName>(
    method: M,
    request: RequestOf<M>,
    options: CallOptions,
  ): Promise<AnswerOf<M>> {
    const connection = await this.connected();
    return await connection.call(method, request, options);
  }

  private async connected(): Promise<OwnerConnection> {
    const current = this.connection;
    const usable = await current.then((connection) => connection.usable).catch(() => false);
    // Of several calls that find it gone, the first asks for another one.
    if (!usable && this.connection === current) this.connection = this.reach();
    return await this.connection;
  }
}

function lost(method: MethodName): CodebaseError {
  return new CodebaseError(
    'database_unavailable',
    `The process that holds the index ended before it answered (${method}); what was stored is kept, ask again.`,
  );
}
