import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Visitor } from '../../visitor.ts'
import { type Console, startConsole } from '../harness.ts'

const ADA = 'us:8301234567:USD'

let server: Console
let operator: Visitor
let password: string
before(async () => {
  server = await startConsole()
  operator = await server.visitor('operator')
  password = server.password('operator')
})
after(() => server.assertClean().finally(server.stop))

const lowerOf = async (id: string) => {
  const wallet = await server.assembly.directory.find(id)
  const [row] = await server.db.query<{ lower: bigint | null }>('select lower from account where id = $1', [wallet?.id])
  return row?.lower
}
const limits = (lower: string) => operator.submit(`/console/wallets/${ADA}/limits`, { lower, upper: '', password })

test('credit that one operator gives alone has the limit of money that one moves alone, in every form that gives it', async () => {
  assert.equal((await limits('-400')).status, 303)
  const refused = await limits('-1000.01')
  assert.equal(refused.status, 422)
  assert.match(refused.text, /more credit than one person may give alone/)
  assert.equal((await limits('')).status, 422, 'credit without an end')
  assert.equal(await lowerOf(ADA), -400_00n)

  const open = { party_id: server.shop, circle: 'public', upper: '', parent: '', exponent: '', password }
  const opened = (id: string, lower: string) => operator.submit('/console/wallets/new', { ...open, id, lower })
  assert.equal((await opened('us:8309999991:USD', '-600.01')).status, 422)
  assert.equal((await opened('us:8309999991:USD', '')).status, 422)
  assert.equal(await server.assembly.directory.find('us:8309999991:USD'), undefined)
  assert.equal((await opened('us:8309999991:USD', '-500')).status, 303)

  const [partner] = await server.db.query<{ id: string }>("select id from partner where slug = 'sandbox'")
  const float = (lower: string) =>
    operator.submit(`/console/partners/${partner?.id}/floats`, {
      currency: 'USD',
      circle: 'club',
      lower,
      upper: '',
      password,
    })
  assert.equal((await float('-1000.01')).status, 422)

  assert.equal((await limits('0')).status, 303, 'taking credit away is free')
})

test('sixteen who give credit at once give no more than one may between them', async () => {
  await server.db.query('delete from credit_use')
  const forms = await Promise.all(
    Array.from({ length: 16 }, (_, index) => ({ id: `us:83099980${10 + index}:USD`, lower: '-300' })),
  )
  const hidden = await operator.hidden('/console/wallets/new')
  const answers = await Promise.all(
    forms.map((form) =>
      operator.post('/console/wallets/new', { ...hidden, ...form, party_id: server.shop, circle: 'public', password }),
    ),
  )
  assert.equal(answers.filter(({ status }) => status === 303).length, 3)
})
