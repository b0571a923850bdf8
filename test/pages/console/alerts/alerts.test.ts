import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { watchAlerts } from '../../../../src/operations/alerts/watch-alerts.ts'
import { noteJobFailure } from '../../../../src/storage/job-failures.ts'
import type { Visitor } from '../../visitor.ts'
import { type Console, startConsole } from '../harness.ts'

let server: Console
let operator: Visitor
before(async () => {
  server = await startConsole()
  operator = await server.visitor('operator')
})
after(() => server.stop())

test('operators see what is wrong, in both languages', async () => {
  for (let i = 0; i < 3; i++) await noteJobFailure(server.db, 'sweep-acts', 'no room <left>', new Date())
  await watchAlerts(server.assembly)
  const page = await operator.get('/console/alerts')
  assert.match(page.text, /The job sweep-acts has failed 3 times: no room &lt;left&gt;/)
  const french = await operator.get('/console/alerts', { 'accept-language': 'fr' })
  assert.match(french.text, /La tâche sweep-acts a échoué 3 fois/)
})

test('the amount of a float is set, changed and taken away, and a wrong one is named at its field', async () => {
  const [float] = await server.db.query<{ id: string }>('select wallet_id::text as id from partner_float limit 1')
  assert.ok(float)
  const save = async (below: string, wallet = float.id) => {
    const form = await operator.hidden('/console/alerts', '/console/alerts/floats')
    return operator.post('/console/alerts/floats', { ...form, wallet, below })
  }
  const stored = async () =>
    (await server.db.query<{ below: bigint }>('select below from float_alert where wallet_id = $1', [float.id])).map(
      ({ below }) => below,
    )
  assert.equal((await save('1,250.50')).location, '/console/alerts?done=float')
  assert.deepEqual(await stored(), [125050n])
  for (const wrong of ['-1', 'many', '1.234567890', '0']) {
    const answer = await save(wrong)
    assert.equal(answer.status, 422, wrong)
    assert.match(answer.text, new RegExp(`id="below-${float.id}-error"`))
  }
  assert.deepEqual(await stored(), [125050n])
  assert.equal((await save('')).status, 303)
  assert.deepEqual(await stored(), [])
  assert.equal((await save('5', '999999999')).status, 404)
})
