import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { type Mail, mailContext } from '../../../src/mail/mailer.ts'
import { type AlertDeps, watchAlerts } from '../../../src/operations/alerts/watch-alerts.ts'
import { listOpenAlerts, setFloatAlert } from '../../../src/storage/alerts.ts'
import { clearJobFailure, noteJobFailure } from '../../../src/storage/job-failures.ts'
import { createJobHealth } from '../../../src/worker/job-health.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { listen } from '../webhooks/world.ts'

describe('alerts', { timeout: 120_000 }, () => {
  let server: SandboxServer
  let deps: AlertDeps
  let now = Date.now()
  before(async () => {
    server = await startSandboxServer()
    const { db, mailer } = server.assembly
    deps = { db, mailer, clock: () => now }
    await watchAlerts(deps)
  })
  after(async () => {
    await server.assertClean()
    await server.stop()
  })
  beforeEach(async () => {
    now += 24 * 3_600_000
    await server.db.query('delete from mail_outbox')
  })

  const kinds = async () => (await listOpenAlerts(server.db)).map(({ kind }) => kind)
  const allMails = async (): Promise<Mail[]> => {
    const rows = await server.db.query<{ id: string; sealed: Buffer }>(
      'select id, sealed from mail_outbox where sealed is not null order by id',
    )
    return rows.map(({ id, sealed }) => JSON.parse(server.assembly.keyring.open(sealed, mailContext(id))))
  }
  /** The first operator's: each gets their own. */
  const mails = async () => (await allMails()).filter(({ to }) => to === server.sandbox.operator.email)
  const fail = (times: number) =>
    Promise.all(
      Array.from({ length: times }, () => noteJobFailure(server.db, 'count-flows', 'it broke', new Date(now))),
    )

  test('a job that failed once or twice is nothing yet; at the third time operators get one mail and one event', async () => {
    const [operator] = await server.db.query<{ party_id: string }>('select party_id from sign_in where operator')
    const ear = listen({ db: server.db, keyring: server.assembly.keyring })
    const { id } = await ear.endpoint(operator?.party_id as string, ['alert.*'], 'https://127.0.0.1:9/x')
    const { id: shop } = await ear.endpoint(await server.party('Shop'), ['*'], 'https://127.0.0.1:9/x')
    await fail(2)
    await watchAlerts(deps)
    assert.deepEqual(
      (await kinds()).filter((kind) => kind === 'job-failing'),
      [],
    )
    await fail(1)
    for (let i = 0; i < 5; i++) await watchAlerts(deps)
    assert.deepEqual(
      (await kinds()).filter((kind) => kind === 'job-failing'),
      ['job-failing'],
    )
    const [mail, ...more] = await mails()
    assert.deepEqual(more, [])
    assert.deepEqual(
      (await allMails()).map(({ to }) => to).sort(),
      [server.sandbox.operator.email, server.sandbox.second_operator.email].sort(),
    )
    assert.match(mail?.text ?? '', /The job count-flows has failed 3 times: it broke/)
    assert.match(mail?.text ?? '', /\/console\/alerts/)
    const told = await ear.told(id)
    assert.deepEqual(
      told.map(({ type, data }) => [type, data.kind, data.subject]),
      [['alert.raised', 'job-failing', 'count-flows']],
    )
    assert.deepEqual(await ear.told(shop), [])

    await clearJobFailure(server.db, 'count-flows')
    await watchAlerts(deps)
    assert.deepEqual(
      (await ear.told(id)).map(({ type }) => type),
      ['alert.raised', 'alert.cleared'],
    )
    assert.ok(!(await kinds()).includes('job-failing'))
  })

  test('what comes and goes is mailed once an hour, however often it comes', async () => {
    for (let i = 0; i < 4; i++) {
      await fail(3)
      await watchAlerts(deps)
      await clearJobFailure(server.db, 'count-flows')
      await watchAlerts(deps)
      now += 60_000
    }
    assert.equal((await mails()).length, 1)
    now += 3_600_000
    await fail(3)
    await watchAlerts(deps)
    await clearJobFailure(server.db, 'count-flows')
    await watchAlerts(deps)
    assert.equal((await mails()).length, 2)
  })

  test('a float below the amount that an operator named is told until it is filled up', async () => {
    const [float] = await server.db.query<{ wallet_id: bigint; balance: bigint }>(
      'select wallet_id, balance from partner_float join account on account.id = wallet_id where balance > 0 limit 1',
    )
    assert.ok(float)
    await setFloatAlert(server.db, float.wallet_id, float.balance + 1n)
    await watchAlerts(deps)
    assert.ok((await kinds()).includes('float-low'))
    assert.match((await mails())[0]?.text ?? '', /The float of \S+ has [0-9.]+ [A-Z]+ left/)
    await setFloatAlert(server.db, float.wallet_id, float.balance)
    await watchAlerts(deps)
    assert.ok(!(await kinds()).includes('float-low'))
  })

  test('deliveries that were given up are told until one gets through; mails likewise; findings of an audit too', async () => {
    const ear = listen({ db: server.db, keyring: server.assembly.keyring })
    const { id: receiver } = await ear.endpoint(await server.party('Shop'), ['order.failed'], 'https://127.0.0.1:9/x')
    const deliver = (status: string) =>
      server.db.query(
        `insert into delivery (id, form, receiver, object, topic, body, status, next_attempt_at, created_at, ended_at)
         values (gen_random_uuid(), 'webhook', $1, 'x:1', 'order.failed', '{}', $2, now(), now(), clock_timestamp())`,
        [receiver, status],
      )
    await deliver('failed')
    const id = uuidV7(Date.now())
    await server.db.query(
      `insert into mail_outbox (id, attempts, failed_at, last_error) values ($1, 18, clock_timestamp(), 'ECONNREFUSED')`,
      [id],
    )
    await server.db.query(
      `insert into audit_run (id, principal, started_at, seen_at, ended_at, status, counts, findings)
       values ($1, 'test', now(), now(), now(), 'findings', '{}', '[{}, {}]')`,
      [uuidV7(Date.now())],
    )
    await watchAlerts(deps)
    const open = await kinds()
    for (const kind of ['deliveries-failing', 'mail-failing', 'audit-findings'] as const)
      assert.ok(open.includes(kind), kind)
    assert.equal((await mails()).length, 1, 'all that is new in one mail')
    await deliver('delivered')
    await server.db.query('delete from mail_outbox where id = $1', [id])
    await server.db.query(
      `insert into audit_run (id, principal, started_at, seen_at, ended_at, status, counts)
       values ($1, 'test', now(), now(), now(), 'clean', '{}')`,
      [uuidV7(Date.now() + 1)],
    )
    await watchAlerts(deps)
    for (const kind of ['deliveries-failing', 'mail-failing', 'audit-findings'] as const)
      assert.ok(!(await kinds()).includes(kind), kind)
  })

  test('a journal that is not as this machine remembers it is told, and one that it remembers is not', async () => {
    const [row] = await server.db.query<{ stream: number; seq: bigint; hash: Buffer }>(
      'select stream, seq, hash from journal order by stream desc, seq desc limit 1',
    )
    assert.ok(row)
    await watchAlerts({ ...deps, knownHeads: async () => [row] })
    assert.ok(!(await kinds()).includes('journal-mismatch'))
    await watchAlerts({ ...deps, knownHeads: async () => [{ ...row, seq: row.seq + 1_000_000n }] })
    assert.ok((await kinds()).includes('journal-mismatch'))
    // A server that knows nothing of the stream leaves the alert to the one that does.
    await watchAlerts(deps)
    assert.ok((await kinds()).includes('journal-mismatch'))
    await watchAlerts({ ...deps, knownHeads: async () => [row] })
    assert.ok(!(await kinds()).includes('journal-mismatch'))
  })

  test('16 watchers at once raise it once', async () => {
    await fail(3)
    await Promise.all(Array.from({ length: 16 }, () => watchAlerts(deps)))
    assert.equal((await kinds()).filter((kind) => kind === 'job-failing').length, 1)
    assert.equal((await mails()).length, 1)
    await clearJobFailure(server.db, 'count-flows')
    await watchAlerts(deps)
  })

  test('an operator who wants no such mails gets none', async () => {
    await server.db.query(`update sign_in set wanted_mails = '{}' where operator`)
    await fail(3)
    await watchAlerts(deps)
    assert.deepEqual(await allMails(), [])
    assert.ok((await kinds()).includes('job-failing'))
    await server.db.query('update sign_in set wanted_mails = null where operator')
  })

  test('runs of jobs are noted: failures add up, a success ends them, and good runs write nothing', async () => {
    const health = createJobHealth({ db: server.db, clock: () => now })
    const failures = () => server.db.query(`select failures, error from job_failure where job = 'sweep-x'`)
    await health.failed('sweep-x', Object.assign(new Error('no room'), { code: '53100' }))
    await health.failed('sweep-x', new Error('again'))
    assert.deepEqual(await failures(), [{ failures: 2, error: 'again' }])
    await health.succeeded('sweep-x')
    assert.deepEqual(await failures(), [])
  })
})
