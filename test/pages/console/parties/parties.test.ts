import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Visitor } from '../../visitor.ts'
import { type Console, startConsole } from '../harness.ts'

let server: Console
let operator: Visitor
before(async () => {
  server = await startConsole()
  operator = await server.visitor('operator')
})
after(() => server.stop())

test('parties are found by name, id, e-mail and kind', async () => {
  const names = async (query: string) => {
    const { text } = await operator.get(`/console/parties?${query}`)
    return [...text.matchAll(/<a href="\/console\/parties\/[0-9a-f-]{36}">([^<]+)<\/a>/g)].map(([, name]) => name)
  }
  const [ada] = await server.db.query<{ id: string }>("select id from party where name = 'Ada Moreno'")
  for (const query of ['q=ada', 'q=ADA+MOR', `q=${ada?.id}`, 'q=ada%40sandbox.example'])
    assert.deepEqual(await names(query), ['Ada Moreno'], query)
  assert.deepEqual(await names('q=%25'), [])
  assert.deepEqual(await names('q=nobody%40example.com'), [])
  assert.ok((await names('kind=business')).includes('Corner Café'))
  assert.ok(!(await names('kind=business')).includes('Ada Moreno'))
})

test('pages by name follow each other without a gap, whoever has the same name', async () => {
  for (let i = 0; i < 60; i++) await server.party(i % 2 ? 'Twin Bakery' : `Twin ${i}`)
  const ids = (text: string) => [...text.matchAll(/parties\/([0-9a-f-]{36})"/g)].map(([, id]) => id)
  const first = await operator.get('/console/parties?q=twin')
  const next = /href="([^"]+after=[^"]+)"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&')
  assert.ok(next)
  const second = await operator.get(next)
  assert.equal(new Set([...ids(first.text), ...ids(second.text)]).size, 60)
  const csv = await operator.get('/console/parties.csv?q=twin')
  assert.equal(csv.text.trim().split('\r\n').length, 61)
})

test('a party is made, and somebody is invited by mail', async () => {
  assert.equal((await operator.submit('/console/parties/new', { name: ' ', kind: 'business' })).status, 422)
  const made = await operator.submit('/console/parties/new', { name: 'Tienda <Sol>', kind: 'business' })
  assert.match(made.location ?? '', /done=made$/)
  const path = made.location?.split('?')[0] as string
  const page = await operator.get(path)
  assert.match(page.text, /Tienda &lt;Sol&gt;/)
  assert.match(page.text, /has no wallet yet/)
  const invite = (email: string) =>
    operator.submit(`${path}/invite`, { email, language: 'fr', role: 'viewer', password: server.password('operator') })
  assert.equal((await invite('no address')).status, 422)
  assert.equal((await invite('ada@sandbox.example')).status, 422)
  assert.equal((await invite('sol@tienda.example')).status, 303)
  const [link] = await server.db.query<{ role: string | null }>(
    "select role from one_time_link where email = 'sol@tienda.example' and purpose = 'invitation' and used_at is null",
  )
  assert.equal(link?.role, 'viewer')
  assert.match((await operator.get(path)).text, /sol@tienda\.example/)
})

test('a party’s page names its wallets, sign-ins and clients', async () => {
  const { text } = await operator.get(`/console/parties/${server.shop}`)
  for (const expected of ['shop:corner-cafe:USD', 'till@sandbox.example', 'Corner Café web shop', 'owner'])
    assert.ok(text.includes(expected), expected)
})
