// `db stamp`: records a revision without running it, for tables that were made without `alembic_version`. What is recorded must
// be true, so the live schema is compared with the revision's first.
import { CompiledQuery, type Kysely } from 'kysely';
import { resolveTarget } from './chain.js';
import { describeStepFailure } from './failure.js';
import { TAKE_LOCK } from './lock.js';
import { CHAIN } from './revisions.js';
import { verifySchema } from './verification.js';
import { recordRevision, VERSION_TABLE } from './version.js';

/** Records `target` (`head`, `base`, a revision or the beginning of one) and returns it; stops when the schema is another. */
export async function stamp<DB>(db: Kysely<DB>, target: string): Promise<string | null> {
  const revision = resolveTarget(CHAIN, target, null);
  try {
    await db.transaction().execute(async (tx) => {
      for (const text of [TAKE_LOCK, verifySchema(revision), VERSION_TABLE, ...recordRevision(revision)]) {
        await tx.executeQuery(CompiledQuery.raw(text));
      }
    });
  } catch (error) {
    throw describeStepFailure(error, null);
  }
  return revision;
}
