import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createArtifactAdapter } from '../../../src/protocols/oauth/adapter.ts'
import { deleteExpiredArtifacts } from '../../../src/storage/oauth-artifacts.ts'
import { createHarness, type Harness } from './harness.ts'

let harness: Harness
before(async () => {
  harness = await createHarness()
})
after(() => harness.close())

test('64 consumers of one code at once: one wins, 50 times in a row', async () => {
  const codes = createArtifactAdapter(harness, 'AuthorizationCode')
  for (let round = 0; round < 50; round += 1) {
    await codes.upsert(`code-${round}`, { grantId: 'g', jti: `code-${round}` }, 60)
    const outcomes = await Promise.allSettled(Array.from({ length: 64 }, () => codes.consume(`code-${round}`)))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') assert.equal(outcome.reason.error, 'invalid_grant')
    assert.equal(typeof (await codes.find(`code-${round}`))?.consumed, 'number')
  }
})

test('artifacts are found by id, uid and user code, and never by their model’s neighbour', async () => {
  const sessions = createArtifactAdapter(harness, 'Session')
  const grants = createArtifactAdapter(harness, 'Grant')
  const payload = { jti: 'the-session-secret', uid: 'the-uid', userCode: 'the-user-code', accountId: 'a' }
  await sessions.upsert('the-session-secret', payload, 60)
  assert.deepEqual(await sessions.find('the-session-secret'), payload)
  assert.deepEqual(await sessions.findByUid('the-uid'), payload)
  assert.deepEqual(await sessions.findByUserCode('the-user-code'), payload)
  assert.equal(await grants.find('the-session-secret'), undefined)
  await sessions.upsert('the-session-secret', { ...payload, accountId: 'b' }, 60)
  assert.equal((await sessions.find('the-session-secret'))?.accountId, 'b')
  const rows = JSON.stringify(await harness.db.query<object>(`select *, encode(payload, 'escape') from oauth_artifact`))
  assert.doesNotMatch(rows, /the-session-secret|the-uid|the-user-code/)
  await sessions.destroy('the-session-secret')
  assert.equal(await sessions.find('the-session-secret'), undefined)
})

test('a revoked grant takes its artifacts along', async () => {
  const codes = createArtifactAdapter(harness, 'AuthorizationCode')
  await codes.upsert('c1', { grantId: 'gone' }, 60)
  await codes.upsert('c2', { grantId: 'stays' }, 60)
  await codes.revokeByGrantId('gone')
  assert.equal(await codes.find('c1'), undefined)
  assert.ok(await codes.find('c2'))
})

test('expired artifacts are deleted a bounded amount at a time', async () => {
  const parked = createArtifactAdapter(harness, 'Interaction')
  for (let index = 0; index < 5; index += 1) await parked.upsert(`old-${index}`, {}, 10)
  const later = new Date(harness.clock() + 11_000)
  assert.equal(await deleteExpiredArtifacts(harness.db, later, 3), 3)
  assert.equal(await deleteExpiredArtifacts(harness.db, later, 3), 2)
  assert.equal(await deleteExpiredArtifacts(harness.db, later, 3), 0)
})
