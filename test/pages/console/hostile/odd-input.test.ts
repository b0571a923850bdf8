import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { consoleRoutes } from '../../../../src/pages/console/routes.ts'
import type { Visitor } from '../../visitor.ts'
import { type Console, startConsole } from '../harness.ts'

let server: Console
let operator: Visitor
let owner: Visitor
before(async () => {
  server = await startConsole()
  operator = await server.visitor('operator')
  owner = await server.visitor('owner')
})
after(() => server.stop())

// What no link of ours holds: a null byte, a byte that is no UTF-8, a path, days without a calendar, a huge number.
const ODD_PARTS = ['%00', '%ff', 'mer_%00', '..%2f..%2fetc', '9999-12', 'x'.repeat(3000)]
const ODD_VALUES = [
  '%00',
  '%ED%A0%80',
  '99999999999999999999',
  '9999-12-31',
  '0000-01-01',
  "'%20or%20''='",
  'x'.repeat(300),
]
const FILTERS = [
  ...['after', 'before', 'from', 'to', 'until', 'day', 'month', 'status', 'party', 'person', 'email', 'act', 'client'],
  ...[
    'partner',
    'brand',
    'business',
    'route',
    'request',
    'receiver',
    'object',
    'wallet',
    'currency',
    'done',
    'q',
    'id',
  ],
  ...[
    'owner',
    'name',
    'state',
    'kind',
    'protocol',
    'circle',
    'count',
    'merchant',
    'period',
    'since',
    'reference',
    'amount',
  ],
]

test('no path and no filter of the console makes it fail, whatever is written there', async () => {
  const paths = consoleRoutes
    .filter(({ method }) => method === 'get')
    .flatMap(({ path, who }) => {
      const visitor = who.includes('operator') ? operator : owner
      const odd = path.includes(':')
        ? ODD_PARTS.map((text) => path.replaceAll(/:[a-z]+/gi, text))
        : ODD_VALUES.map((text) => `${path}?${FILTERS.map((name) => `${name}=${text}`).join('&')}`)
      return odd.map((address) => ({ visitor, address: `/console${address}` }))
    })
  const failed: string[] = []
  const work = async () => {
    for (let next = paths.pop(); next; next = paths.pop()) {
      const { status } = await next.visitor.get(next.address)
      if (status >= 500) failed.push(`${status} ${next.address.slice(0, 200)}`)
    }
  }
  await Promise.all([work(), work(), work(), work()])
  assert.deepEqual(failed, [])
})
