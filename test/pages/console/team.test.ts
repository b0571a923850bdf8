import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Mail, mailContext } from '../../../src/mail/mailer.ts'
import { createParty } from '../../../src/operations/create-party.ts'
import { memberId } from '../../../src/pages/console/team/find.ts'
import { listMails } from '../../../src/storage/mail-outbox.ts'
import type { Visitor } from '../visitor.ts'
import { type Console, startConsole } from './harness.ts'

let server: Console
let owner: Visitor
let operator: Visitor
let password: string
let other: string
before(async () => {
  server = await startConsole()
  password = server.password('owner')
  owner = await server.visitor('owner')
  operator = await server.visitor('operator')
  other = (await createParty(server.assembly, { kind: 'business', name: 'Other Bazaar' })).id
})
after(() => server.stop())

const member = (email: string) => memberId(server.assembly, email)
const emailOf = (role: string, partyId: string) => `${role}-${partyId.slice(-6)}@shop.example`

async function mailTo(email: string): Promise<Mail | undefined> {
  const rows = await listMails(server.db, 50)
  const mails: Mail[] = rows.map(({ id, sealed }) => JSON.parse(server.assembly.keyring.open(sealed, mailContext(id))))
  return mails.find(({ to }) => to === email)
}

const invite = (visitor: Visitor, email: string, fields: Record<string, string> = {}, base = '/console/team') =>
  visitor.submit(`${base}/invite`, { email, role: 'viewer', language: 'en', password, ...fields })

test('an owner invites somebody by mail, with the role that they then have', async () => {
  const sent = await invite(owner, 'Vi@New.example')
  assert.equal(sent.location, '/console/team?done=invited')
  const page = await owner.get('/console/team?done=invited')
  assert.match(page.text, /The invitation is on its way/)
  assert.match(page.text, /vi@new\.example/)
  const mail = await mailTo('vi@new.example')
  const path = /\/invitation\/[\w-]{43}/.exec(mail?.text ?? '')?.[0] as string
  const guest = server.stranger()
  assert.equal((await guest.submit(path, { password: 'somebody new here' })).status, 303)
  assert.equal((await guest.submit('/sign-in', { email: 'vi@new.example', password: 'somebody new here' })).status, 303)
  assert.equal((await guest.get('/console')).status, 200)
  assert.equal((await guest.get('/console/team')).status, 404, 'a viewer has no team page')
  const [row] = await server.db.query<{ role: string }>(`select role from sign_in where email = 'vi@new.example'`)
  assert.equal(row?.role, 'viewer')
  const [act] = await server.db.query<{ detail: object; object: string; outcome: string }>(
    `select detail, object, outcome from console_act where act = 'team.invite' order by id desc limit 1`,
  )
  assert.deepEqual(act, {
    detail: { party: server.shop, email: 'vi@new.example', role: 'viewer' },
    object: '/console/team/invite',
    outcome: 'done',
  })
})

test('an owner does not learn who signs in here for others; its owner learns of the invitation', async () => {
  await server.visitor('owner', other)
  const [known, unknown] = [emailOf('owner', other), 'nobody-at-all@new.example']
  const answers = [await invite(owner, known), await invite(owner, unknown)]
  assert.deepEqual(
    answers.map(({ status, location }) => [status, location]),
    [
      [303, '/console/team?done=invited'],
      [303, '/console/team?done=invited'],
    ],
  )
  const page = (await owner.get('/console/team')).text
  assert.ok(page.includes(known) && page.includes(unknown))
  assert.match((await mailTo(known))?.text ?? '', /signs in to Billfold already/)
  assert.doesNotMatch((await mailTo(known))?.text ?? '', /\/invitation\//)
  // Operators see whom they run.
  const told = await operator.submit(`/console/parties/${server.shop}/team/invite`, {
    email: known,
    role: 'member',
    language: 'fr',
    password: server.password('operator'),
  })
  assert.equal(told.status, 422)
  assert.match(told.text, /of the team already/)
})

test('an invitation of one party does not end another party’s', async () => {
  const email = 'wanted@new.example'
  await invite(owner, email)
  const path = /\/invitation\/[\w-]{43}/.exec((await mailTo(email))?.text ?? '')?.[0] as string
  const rival = await server.visitor('owner', other)
  await invite(rival, email)
  assert.equal((await server.stranger().get(path)).status, 200)
  await rival.submit('/console/team', {}, `/console/team/${member(email)}/withdraw`)
  assert.equal((await server.stranger().get(path)).status, 200)
  const withdrawn = await owner.submit('/console/team', {}, `/console/team/${member(email)}/withdraw`)
  assert.equal(withdrawn.location, '/console/team?done=withdrawn')
  assert.equal((await server.stranger().get(path)).status, 410)
})

test('roles are changed and people removed with the password; the next click knows it', async () => {
  const viewer = await server.visitor('viewer')
  const email = emailOf('viewer', server.shop)
  const at = `/console/team/${member(email)}`
  assert.equal((await viewer.get('/console/acts')).status, 404)
  assert.equal((await owner.submit(`${at}/role`, { role: 'owner', password: 'wrong' })).status, 422)
  assert.equal((await viewer.get('/console/acts')).status, 404)
  assert.equal((await owner.submit(`${at}/role`, { role: 'owner', password })).location, '/console/team?done=changed')
  assert.equal((await viewer.get('/console/acts')).status, 200)
  const page = await owner.get(`${at}/remove`)
  assert.match(page.text, /is signed out everywhere/)
  assert.equal((await owner.submit(`${at}/remove`, { password })).location, '/console/team?done=removed')
  assert.equal((await viewer.get('/console')).status, 303)
  assert.equal((await server.stranger().submit('/sign-in', { email, password })).status, 422)
  assert.equal((await owner.get(`${at}/remove`)).status, 404)
})

test('the last owner stays, and is told why', async () => {
  const rival = await server.visitor('owner', other)
  const at = `/console/team/${member(emailOf('owner', other))}`
  const removal = await rival.submit(`${at}/remove`, { password })
  assert.equal(removal.status, 422)
  assert.match(removal.text, /This is the last owner/)
  assert.equal((await rival.submit(`${at}/role`, { role: 'viewer', password })).status, 422)
  assert.equal((await rival.get('/console')).status, 200)
})

test('another party’s people are not there, and operators reach every team', async () => {
  await server.visitor('member', other)
  const theirs = member(emailOf('member', other))
  for (const path of ['role', 'remove']) {
    assert.equal((await owner.get(`/console/team/${theirs}/${path}`)).status, 404)
    assert.equal((await owner.get(`/console/parties/${other}/team/${theirs}/${path}`)).status, 404)
    const fields = await owner.hidden('/console/team/invite')
    const answer = await owner.post(`/console/team/${theirs}/${path}`, { ...fields, role: 'owner', password })
    assert.equal(answer.status, 404)
    // Of this team, but not of that one.
    assert.equal((await operator.get(`/console/parties/${server.shop}/team/${theirs}/${path}`)).status, 404)
    assert.equal((await operator.get(`/console/parties/${other}/team/${theirs}/${path}`)).status, 200)
  }
  assert.equal((await owner.get(`/console/parties/${server.shop}/team`)).status, 404)
  const page = await operator.get(`/console/parties/${other}/team`)
  assert.match(page.text, /Team of Other Bazaar/)
  const changed = await operator.submit(`/console/parties/${other}/team/${theirs}/role`, {
    role: 'viewer',
    password: server.password('operator'),
  })
  assert.equal(changed.location, `/console/parties/${other}/team?done=changed`)
})

test('invitations are not a way to flood mailboxes', async () => {
  const rival = await server.visitor('owner', other)
  const fields = await rival.hidden('/console/team/invite')
  const send = (index: number) =>
    rival.post('/console/team/invite', {
      ...fields,
      email: `flood-${index}@new.example`,
      role: 'viewer',
      language: 'en',
      password,
    })
  const answers = await Promise.all(Array.from({ length: 16 }, (_, index) => send(index)))
  const more = [await Promise.all(Array.from({ length: 16 }, (_, index) => send(index + 16)))].flat()
  assert.ok([...answers, ...more].filter(({ status }) => status === 303).length <= 20)
})
