import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Role } from '../../../src/pages/console/route.ts'
import { EVERYONE } from '../../../src/pages/console/route.ts'
import { consoleRoutes } from '../../../src/pages/console/routes.ts'
import { consolePlaces } from '../../../src/pages/console/tables.ts'
import type { Visitor } from '../visitor.ts'
import { type Console, startConsole } from './harness.ts'

let server: Console
const visitors = {} as Record<Role, Visitor>

before(async () => {
  server = await startConsole()
  for (const role of EVERYONE) visitors[role] = await server.visitor(role)
})
after(() => server.stop())

const NOBODY = '00000000-0000-7000-8000-000000000000'
const exact = (path: string) => `/console${path.replaceAll(/:[a-z]+/gi, NOBODY)}`

test('who is not signed in is sent to sign in, and a person without a business has no console', async () => {
  const person = await server.person()
  for (const { method, path } of consoleRoutes) {
    const stranger = server.stranger()
    const answer = method === 'get' ? await stranger.get(exact(path)) : await stranger.post(exact(path), {})
    assert.equal(answer.status, 303, `${method} ${path}`)
    assert.match(answer.location ?? '', /^\/sign-in\?/)
    if (method === 'get') assert.equal((await person.get(exact(path))).status, 404, `${method} ${path}`)
    else assert.ok([403, 404].includes((await person.post(exact(path), {})).status), `${method} ${path}`)
  }
})

test('every route answers the roles that it names, and is not there for the others', async () => {
  for (const role of EVERYONE) {
    const visitor = visitors[role]
    const csrf = /name="csrf" value="([^"]+)"/.exec((await visitor.get('/account')).text)?.[1] ?? ''
    assert.notEqual(csrf, '')
    for (const { method, path, who } of consoleRoutes) {
      const answer = method === 'get' ? await visitor.get(exact(path)) : await visitor.post(exact(path), { csrf })
      const named = path.includes(':')
      const what = `${method} ${path} as ${role}: ${answer.status}`
      if (!who.includes(role)) assert.equal(answer.status, 404, what)
      else if (method === 'get' && !named) assert.equal(answer.status, 200, what)
      // Of something that is not there, or with an empty form: refused, and never a fault.
      else assert.ok([200, 303, 404, 409, 422].includes(answer.status), what)
      if (named && method === 'get') assert.equal(answer.status, 404, what)
    }
  }
})

test('a form from elsewhere changes nothing and is no act', async () => {
  const acts = async () => (await server.assembly.db.query('select from console_act')).length
  const before = await acts()
  for (const { method, path } of consoleRoutes) {
    if (method !== 'post') continue
    assert.equal((await visitors.operator.post(exact(path), { csrf: 'made-up' })).status, 403, path)
  }
  assert.equal(await acts(), before)
})

test('every place in the navigation is a page of those who see it', async () => {
  for (const { path, who } of consolePlaces) {
    const route = consoleRoutes.find((it) => it.method === 'get' && it.path === path)
    assert.ok(route, path)
    for (const role of who) assert.ok(route.who.includes(role), `${path} for ${role}`)
  }
})

test('every act has a name, and every dangerous one a page that asks for the password', async () => {
  for (const { method, path, act, dangerous } of consoleRoutes) {
    if (method === 'post') assert.match(act ?? '', /^[a-z-]+\.[a-z-]+$/, path)
    if (!dangerous) continue
    assert.ok(
      consoleRoutes.some((other) => other.method === 'get' && other.path === path),
      path,
    )
  }
})

test('no page of the console fails, also in French', async () => {
  for (const { method, path, who } of consoleRoutes) {
    if (method !== 'get' || path.includes(':')) continue
    const visitor = visitors[who[0] as Role]
    const { text, status } = await visitor.get(exact(path), { 'accept-language': 'fr' })
    assert.equal(status, 200, path)
    assert.doesNotMatch(text, /undefined|\[object Object\]|NaN/, path)
  }
})
