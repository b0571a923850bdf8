import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { createLocalRates } from '../../../src/credentials/rate.ts'
import type { WalletPagesDeps } from '../../../src/pages/wallet/page.ts'
import { createWalletPages } from '../../../src/pages/wallet/pages.ts'
import type { Visitor } from '../visitor.ts'
import { ADA_USD, BEN_USD, startWalletPages, type WalletPages } from './harness.ts'

let pages: WalletPages
let ada: Visitor
let ben: Visitor
/** Ada's things, by the part of the path that names them. */
let own: { invoice: string; consent: string; handover: string; transaction: string }

before(async () => {
  pages = await startWalletPages()
  const { reference } = await pages.fund(ADA_USD, '100.00')
  ada = await pages.visitor('ada')
  ben = await pages.visitor('ben')
  const form = { kind: 'charges', wallet: ADA_USD, other: '', amount: '5.00', description: '', lasts: 'day' }
  const handover = await ada.submit('/wallet/handovers/new', form)
  own = {
    invoice: await pages.invoice(ADA_USD, '1.00', { description: 'secret cake' }),
    consent: await pages.consent(ADA_USD),
    handover: (handover.location as string).split('/').at(-1) as string,
    transaction: reference,
  }
})
after(() => pages.stop())

type Row = {
  /** as it is mounted */
  route: string
  path: () => string
  /** with the id of nothing in place of Ada's */
  missing?: () => string
}

const NOBODY = 'us:8300000000:USD'
const TABLE: Row[] = [
  { route: 'GET /wallet', path: () => '/wallet' },
  { route: 'GET /wallet/send', path: () => '/wallet/send' },
  { route: 'POST /wallet/send', path: () => '/wallet/send' },
  { route: 'GET /wallet/invoices', path: () => '/wallet/invoices' },
  ...(['', '/pay', '/decline'] as const).map((step) => ({
    route: `GET /wallet/invoices/:reference${step}`,
    path: () => `/wallet/invoices/${own.invoice}${step}`,
    missing: () => `/wallet/invoices/${randomUUID()}${step}`,
  })),
  ...(['/pay', '/decline'] as const).map((step) => ({
    route: `POST /wallet/invoices/:reference${step}`,
    path: () => `/wallet/invoices/${own.invoice}${step}`,
    missing: () => `/wallet/invoices/${randomUUID()}${step}`,
  })),
  { route: 'GET /wallet/applications', path: () => '/wallet/applications' },
  ...(['GET', 'POST'] as const).map((method) => ({
    route: `${method} /wallet/applications/:id/revoke`,
    path: () => `/wallet/applications/${own.consent}/revoke`,
    missing: () => `/wallet/applications/${randomUUID()}/revoke`,
  })),
  { route: 'GET /wallet/handovers', path: () => '/wallet/handovers' },
  { route: 'GET /wallet/handovers/new', path: () => '/wallet/handovers/new' },
  { route: 'POST /wallet/handovers/new', path: () => '/wallet/handovers/new' },
  {
    route: 'GET /wallet/handovers/:id',
    path: () => `/wallet/handovers/${own.handover}`,
    missing: () => `/wallet/handovers/${randomUUID()}`,
  },
  ...(['GET', 'POST'] as const).map((method) => ({
    route: `${method} /wallet/handovers/:id/revoke`,
    path: () => `/wallet/handovers/${own.handover}/revoke`,
    missing: () => `/wallet/handovers/${randomUUID()}/revoke`,
  })),
  { route: 'GET /wallet/cards', path: () => '/wallet/cards' },
  { route: 'GET /wallet/:id', path: () => `/wallet/${ADA_USD}`, missing: () => `/wallet/${NOBODY}` },
  {
    route: 'GET /wallet/:id/history.csv',
    path: () => `/wallet/${ADA_USD}/history.csv`,
    missing: () => `/wallet/${NOBODY}/history.csv`,
  },
  {
    route: 'GET /wallet/:id/transactions/:reference',
    path: () => `/wallet/${ADA_USD}/transactions/${own.transaction}`,
    missing: () => `/wallet/${ADA_USD.replace('7:', '8:')}/transactions/${randomUUID()}`,
  },
  { route: 'POST /wallet/redeem', path: () => '/wallet/redeem' },
]
/** Open to everyone; what it shows them is in handovers.test.ts. */
const PUBLIC = ['GET /wallet/redeem']

const ask = async (visitor: Visitor, { route }: Row, path: string) =>
  route.startsWith('GET ')
    ? visitor.get(path)
    : visitor.post(path, {
        ...(await visitor.hidden('/wallet/send').catch(() => ({ csrf: 'x' }))),
        key: 'A'.repeat(22),
      })

test('the table below has every route there is', () => {
  const { routes } = createWalletPages({ rates: createLocalRates() } as unknown as WalletPagesDeps)
  const mounted = routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`)
  assert.deepEqual([...new Set(mounted)].sort(), [...TABLE.map(({ route }) => route), ...PUBLIC].sort())
})

test('the document lists every route there is', async () => {
  const document = await readFile(new URL('../../../docs/wallet-pages.md', import.meta.url), 'utf8')
  const listed = [...document.matchAll(/^\| `(GET|POST) (\S+)`(, `POST`)? \|/gm)].flatMap(([, method, path, also]) => [
    `${method} ${path}`,
    ...(also ? [`POST ${path}`] : []),
  ])
  assert.deepEqual(listed.sort(), [...TABLE.map(({ route }) => route), ...PUBLIC].sort())
})

test('who is not signed in is sent to the sign-in page and back', async () => {
  for (const row of TABLE) {
    const answer = await ask(pages.stranger(), row, row.path())
    assert.equal(answer.status, 303, row.route)
    assert.match(answer.location ?? '', /^\/sign-in\?next=%2F/, row.route)
    if (row.route.startsWith('GET '))
      assert.equal(answer.location, `/sign-in?next=${encodeURIComponent(row.path())}`, row.route)
  }
})

test('what is somebody else’s is the same to a person as what is not there', async () => {
  for (const row of TABLE) {
    if (!row.missing) continue
    const theirs = await ask(ben, row, row.path())
    const missing = await ask(ben, row, row.missing())
    assert.deepEqual([theirs.status, missing.status], [404, 404], row.route)
    const withoutForms = (text: string) => text.replaceAll(/value="[^"]*"/g, '')
    assert.equal(withoutForms(theirs.text), withoutForms(missing.text), row.route)
    assert.doesNotMatch(theirs.text, /secret cake|8301234567|Ada/, row.route)
  }
  assert.match((await ada.get(`/wallet/handovers/${own.handover}`)).text, /Waiting/, 'nothing was revoked')
  assert.match((await ada.get(`/wallet/invoices/${own.invoice}`)).text, /Open/, 'nothing was settled')
  assert.match((await ada.get('/wallet/applications')).text, /Corner Café/, 'nothing was withdrawn')
})

test('lists hold only what is the person’s own', async () => {
  for (const path of [
    '/wallet',
    '/wallet/invoices',
    '/wallet/invoices?role=sent',
    '/wallet/applications',
    '/wallet/handovers',
    '/wallet/cards',
    '/wallet/send',
  ]) {
    const { status, text } = await ben.get(path)
    assert.equal(status, 200, path)
    assert.doesNotMatch(text, /secret cake|8301234567|Ada/, path)
  }
  const page = await ben.get(`/wallet?after=0`)
  assert.match(page.text, new RegExp(BEN_USD))
})

test('a transaction is found only in the wallet whose address it is asked at', async () => {
  assert.equal((await ada.get(`/wallet/be:412345678:EUR/transactions/${own.transaction}`)).status, 404)
  for (const reference of ['x', '%00', "';--", 'A'.repeat(200)])
    assert.equal((await ada.get(`/wallet/${ADA_USD}/transactions/${reference}`)).status, 404, reference)
})

test('ids of every shape that are nothing answer 404, never a fault', async () => {
  for (const id of ['x', '%00', '%F0%9F%92%A9', "';--", '..%2f', 'us:1:USD:2', 'A'.repeat(500), '3MNQE1X']) {
    for (const path of [
      `/wallet/${id}`,
      `/wallet/${id}/history.csv`,
      `/wallet/invoices/${id}`,
      `/wallet/handovers/${id}`,
      `/wallet/applications/${id}/revoke`,
    ]) {
      assert.equal((await ada.get(path)).status, 404, path)
    }
  }
  assert.deepEqual(pages.faults, [])
})

test('a form from another site, or with another’s token, does nothing', async () => {
  const hidden = await ada.hidden(`/wallet/invoices/${own.invoice}/decline`)
  const path = `/wallet/invoices/${own.invoice}/decline`
  assert.equal((await ada.post(path, hidden, { origin: 'https://evil.example' })).status, 403)
  assert.equal((await ada.post(path, hidden, { 'sec-fetch-site': 'cross-site' })).status, 403)
  const { csrf = '' } = await ben.hidden('/wallet/send')
  assert.equal((await ada.post(path, { ...hidden, csrf })).status, 403)
  assert.match((await ada.get(`/wallet/invoices/${own.invoice}`)).text, /Open/)
})

test('an application’s rights are taken back after a confirmation, and asking twice ends alike', async () => {
  const path = `/wallet/applications/${own.consent}/revoke`
  const page = await ada.get('/wallet/applications')
  assert.match(page.text, /Charge you/)
  assert.match(page.text, /never yet/)
  const form = await ada.hidden(path)
  for (let n = 0; n < 2; n++) {
    const answer = await ada.post(path, form)
    assert.deepEqual([answer.status, answer.location], [303, '/wallet/applications?done=revoked'])
  }
  const after = await ada.get('/wallet/applications?done=revoked')
  assert.match(after.text, /may do nothing any more/)
  assert.match(after.text, /No application may act for you/)
  assert.equal((await ada.get(path)).status, 404)
})

test('the books of all this are clean', () => pages.assertClean())

test('nobody makes a directory of who holds which number: the forms that tell it are counted', async () => {
  const hidden = await ben.hidden('/wallet/send')
  const look = () =>
    ben.post('/wallet/send', { ...hidden, from: BEN_USD, to: ADA_USD, amount: '0.01', description: '', step: 'review' })
  const answers: number[] = []
  for (let batch = 0; batch < 10; batch += 1)
    answers.push(...(await Promise.all(Array.from({ length: 13 }, async () => (await look()).status))))
  assert.ok(answers.slice(0, 100).every((status) => status !== 429))
  assert.ok(answers.filter((status) => status === 429).length >= 5)
  // Another person is not held back by it.
  const form = { ...(await ada.hidden('/wallet/send')), from: ADA_USD, to: BEN_USD, amount: '0.01', step: 'review' }
  assert.equal((await ada.post('/wallet/send', form)).status, 200)
})
