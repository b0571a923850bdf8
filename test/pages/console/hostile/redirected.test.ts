import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { consoleRoutes } from '../../../../src/pages/console/routes.ts'
import { type Console, startConsole } from '../harness.ts'

let server: Console
before(async () => {
  server = await startConsole()
})
after(() => server.stop())

// Acts whose effect goes on when the session has ended: where money, codes and news go, on which terms, and who may come from where.
const OUTLIVES = [
  'partner.set-addresses',
  'webhook.create',
  'webhook.edit',
  'merchant.edit',
  'jackpot-account.edit',
  'client.edit',
  ...['velocity.remove', 'merchant.set-plan', 'purchase.capture', 'stock.upload'],
  ...['brand.create', 'brand.edit', 'brand.set-status', 'brand.add-offer'],
]

test('what a stolen session would change for good asks for the password', () => {
  const dangerous = new Map(
    consoleRoutes.map(({ act, dangerous }) => [act, dangerous !== undefined && dangerous !== false]),
  )
  assert.deepEqual(
    OUTLIVES.filter((act) => !dangerous.get(act)),
    [],
  )
})

test('a session alone sends no news and no key elsewhere; what was filled in stays on the page', async () => {
  const { db } = server
  const owner = await server.visitor('owner')
  const url = 'https://thief.example/hooks'
  const made = await owner.submit('/console/webhooks/new', { url, note: 'mine', 'topic:purchase.*': 'yes' })
  assert.equal(made.status, 422)
  assert.match(made.text, /id="password-error"/)
  assert.match(made.text, /value="https:\/\/thief\.example\/hooks"/)
  assert.deepEqual(await db.query('select 1 from webhook_endpoint where url = $1', [url]), [])

  const [account] = await db.query<{ id: string; party_id: string; credential: string }>(
    `select p.id, p.party_id, c.id as credential from partner p join partner_credential c on c.partner_id = p.id
     join jackpot_account j on j.partner_id = p.id where c.revoked_at is null limit 1`,
  )
  assert.ok(account)
  const keeper = await server.visitor('owner', account.party_id)
  const page = `/console/partners/${account.id}/credentials/${account.credential}`
  const opened = await keeper.submit(page, { addresses: '203.0.113.7' }, `${page}/addresses`)
  assert.equal(opened.status, 422)
  assert.match(opened.text, /id="password-error"/)
  assert.match(opened.text, /203\.0\.113\.7/)
  const settings = `/console/jackpot-accounts/${account.id}/edit`
  const wish = { allowed_domains: 'thief.example', notification_url: url, confirmation: 'automatic' }
  assert.match((await keeper.submit(settings, wish)).text, /id="password-error"/)
  const [kept] = await db.query<{ changed: boolean }>(
    `select exists (select from partner_credential where '203.0.113.7' = any(addresses::text[]))
       or exists (select from jackpot_account where notification_url = $1) as changed`,
    [url],
  )
  assert.equal(kept?.changed, false)
})
