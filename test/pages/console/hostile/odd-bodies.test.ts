import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ConsoleRoute, Role } from '../../../../src/pages/console/route.ts'
import { consoleRoutes } from '../../../../src/pages/console/routes.ts'
import type { Visitor } from '../../visitor.ts'
import { type Console, startConsole } from '../harness.ts'

let server: Console
before(async () => {
  server = await startConsole()
})
after(() => server.stop())

const FORM = /<form\b[^>]*action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/g
const NAME = /<(?:input|select|textarea)\b[^>]*\bname="([^"]+)"/g

type Known = Map<string, Set<string>>

/** Every form of the console that leads somewhere, with the names of its fields, and pages to begin at. */
async function formsOf(visitor: Visitor, most: number): Promise<Known> {
  const forms: Known = new Map()
  const waiting = ['/console']
  const seen = new Set(waiting)
  const shapes = new Map<string, number>()
  for (let path = waiting.shift(); path !== undefined && seen.size < most; path = waiting.shift()) {
    const { text, headers } = await visitor.get(path)
    if (!headers.get('content-type')?.includes('html')) continue
    for (const [, action = '', inner = ''] of text.matchAll(FORM)) {
      const names = forms.get(action) ?? new Set()
      for (const [, name = ''] of inner.matchAll(NAME)) names.add(name)
      forms.set(action, names)
    }
    for (const [, link = ''] of text.matchAll(/href="(\/console[^"?#]*)"/g)) {
      const shape = link.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|[^/]*[:@\d][^/]*/g, '#')
      const count = (shapes.get(shape) ?? 0) + 1
      shapes.set(shape, count)
      if (seen.has(link) || count > 1 || link.endsWith('.csv')) continue
      seen.add(link)
      waiting.push(link)
    }
  }
  return forms
}

/** Sends a form's body as it is written. */
async function send(visitor: Visitor, path: string, body: string): Promise<{ status: number; text: string }> {
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const headers = {
    cookie,
    origin: server.url,
    accept: 'text/html',
    'content-type': 'application/x-www-form-urlencoded',
  }
  const response = await fetch(server.url + path, { method: 'POST', headers, body, redirect: 'manual' })
  return { status: response.status, text: await response.text() }
}

const VALUES = [
  '',
  '%00',
  'a%00b',
  '%ED%A0%80',
  '%ff',
  '%',
  '-1',
  '99999999999999999999999',
  'x'.repeat(3000),
  '%F0%9F%98%80%E2%80%AE',
  'constructor',
  '9999-99-99T99:99',
  "'%22%3Cscript%3E",
]

/** Bodies for a form with these fields: each has other odd values in its turn. */
function bodiesFor(names: readonly string[], turn: number): string[] {
  const all = (make: (name: string, index: number) => string) => names.map(make).join('&')
  const values = (by: number) => all((name, index) => `${name}=${VALUES[(turn + index * by) % VALUES.length]}`)
  return [
    values(1),
    all((name) => `${name}[]=a&${name}[]=b`),
    values(0),
    values(3),
    all((name) => `${name}=a&${name}=b`),
    `__proto__=a&constructor=b&${all((name) => `${name}[x][__proto__]`)}`,
  ]
}

const patternOf = ({ path }: ConsoleRoute) => new RegExp(`^/console${path.replaceAll(/:[a-z]+/gi, '[^/]+')}$`)

test('no body of a post makes the console fail, whatever is written there', async () => {
  const failed: string[] = []
  const tried = new Set<string>()
  let turn = 0
  const posts = consoleRoutes.filter(({ method, upload }) => method === 'post' && upload === undefined)
  for (const role of ['operator', 'owner'] as Role[]) {
    const visitor = await server.visitor(role)
    const forms = await formsOf(visitor, role === 'operator' ? 120 : 50)
    const csrf = (await visitor.hidden('/console', '/sign-out')).csrf as string
    for (const route of posts) {
      if (!route.who.includes(role) || (role === 'owner' && tried.has(route.path))) continue
      const action = [...forms.keys()].find((path) => patternOf(route).test(path))
      const names = [...(forms.get(action ?? '') ?? ['name', 'note', 'id'])].filter(
        (name) => !['csrf', 'password', 'factor'].includes(name),
      )
      if (action) tried.add(route.path)
      const path = action ?? `/console${route.path.replaceAll(/:[a-z]+/gi, '01890000-0000-7000-8000-000000000000')}`
      turn += 1
      // Each password takes its time.
      for (const odd of bodiesFor(names, turn).slice(0, route.dangerous ? 1 : 6)) {
        const proof = route.dangerous ? `&password=${encodeURIComponent(server.password(role))}` : ''
        const { status, text } = await send(visitor, path, `csrf=${encodeURIComponent(csrf)}${proof}&${odd}`)
        if (status >= 500) failed.push(`${status} ${route.act} ${odd.slice(0, 120)}`)
        if (text.includes('<script>')) failed.push(`markup ${route.act} ${odd.slice(0, 120)}`)
      }
    }
  }
  assert.ok(tried.size > 25, `only ${tried.size} acts have something to act on`)
  assert.deepEqual(failed, [])
  assert.deepEqual(server.faults, [])
})
