import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { createParty } from '../../../src/operations/create-party.ts'
import type { OperationRefusal } from '../../../src/operations/input.ts'
import { invite } from '../../../src/operations/invite.ts'
import { PASSWORD, type PagesHarness, startPages } from '../harness.ts'

let pages: PagesHarness
before(async () => {
  pages = await startPages()
})
after(() => pages.stop())

async function invited(email: string, language: 'en' | 'fr' = 'en') {
  const { id } = await createParty(pages.deps, { kind: 'business', name: 'Río Bazaar' })
  const made = await pages.db.transaction((db) => invite({ ...pages.deps, db }, { partyId: id, email, language }))
  return { id, ...made, link: await pages.linkTo(made.email) }
}

test('who is invited chooses a password and signs in for the party, with an address that is confirmed', async () => {
  const { link, email, id } = await invited(' New@Example.com ', 'fr')
  assert.equal(email, 'new@example.com')
  const [mail] = await pages.mails()
  assert.equal(mail?.subject, 'Votre portefeuille vous attend')
  const visitor = pages.visitor()
  assert.match((await visitor.get(link)).text, /<h1>Welcome<\/h1>/)
  const answer = await visitor.submit(link, { password: PASSWORD })
  assert.deepEqual([answer.status, answer.location], [303, '/sign-in?done=invited'])
  assert.equal((await visitor.submit('/sign-in', { email, password: PASSWORD })).status, 303)
  const account = await visitor.get('/account')
  assert.match(account.text, /Río Bazaar[\s\S]+tag good">confirmed/)
  assert.doesNotMatch(account.text, /Operator of this server/)
  const rows = await pages.db.query<{ party_id: string }>('select party_id from sign_in where email = $1', [email])
  assert.equal(rows[0]?.party_id, id)
  assert.equal((await visitor.get(link)).status, 410)
})

test('who is signed in as someone else when they accept an invitation is signed out', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const token = visitor.cookies.get('billfold_session') as string
  const { link } = await invited('next@example.com')
  await visitor.submit(link, { password: PASSWORD })
  assert.match((await visitor.get('/sign-in?done=invited')).text, /Your password is set/)
  visitor.cookies.set('billfold_session', token)
  assert.equal((await visitor.get('/account')).status, 303)
})

test('of 16 concurrent uses one makes the sign-in', async () => {
  const { link, email } = await invited('crowd@example.com')
  const visitors = Array.from({ length: 16 }, (_, index) => pages.visitor(index % 2 ? pages.url : pages.otherUrl))
  // All have the form before the first sends it.
  const forms = await Promise.all(visitors.map((visitor) => visitor.hidden(link)))
  const answers = await Promise.all(
    visitors.map((visitor, index) =>
      visitor.post(
        link,
        { ...forms[index], password: `password ${index}` },
        { origin: index % 2 ? pages.url : pages.otherUrl, 'sec-fetch-site': 'same-origin' },
      ),
    ),
  )
  const won = answers.flatMap(({ status }, index) => (status === 303 ? [index] : []))
  assert.equal(won.length, 1)
  await pages.signedIn(email, `password ${won[0]}`)
})

test('a second invitation ends the first, and one week ends any', async () => {
  const first = await invited('twice@example.com')
  const second = await invited('twice@example.com')
  assert.equal((await pages.visitor().get(first.link)).status, 410)
  assert.equal((await pages.visitor().get(second.link)).status, 200)
  await pages.db.query(`update one_time_link set expires_at = expires_at - interval '7 days' where email = $1`, [
    'twice@example.com',
  ])
  assert.equal((await pages.visitor().get(second.link)).status, 410)
})

test('who signs in already is not invited, nor is what is no address', async () => {
  const { email, id } = await pages.person()
  const refusal = (input: { partyId: string; email: string }) =>
    invite(pages.deps, { ...input, language: 'en' }).then(
      () => assert.fail('was invited'),
      (error: OperationRefusal) => [error.code, error.field],
    )
  assert.deepEqual(await refusal({ partyId: id, email }), ['already_exists', 'email'])
  const missing = '01234567-0000-7000-8000-000000000000'
  assert.deepEqual(await refusal({ partyId: missing, email: 'a@example.com' }), ['not_found', 'party_id'])
  for (const wrong of [
    '',
    'a',
    'a@',
    'a@b@c',
    'a b@example.com',
    'a@example.com\nBcc: b@example.com',
    '<a@example.com>',
    'a@example.com,b@example.com',
  ]) {
    assert.deepEqual(await refusal({ partyId: id, email: wrong }), ['invalid_input', 'email'], wrong)
  }
})

test('an address that was given a sign-in meanwhile makes its invitation dead, and keeps its password', async () => {
  const { link, email } = await invited('meanwhile@example.com')
  await pages.person(email)
  assert.equal((await pages.visitor().submit(link, { password: 'another password' })).status, 410)
  await pages.signedIn(email)
})

test('an address is confirmed by the link that was mailed to it, once', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  assert.match((await visitor.get('/account')).text, /not confirmed yet/)
  const asked = await visitor.submit('/account', {}, '/account/verify')
  assert.equal(asked.location, '/account?done=verify')
  const link = await pages.linkTo(email)
  // Wherever the mail is read: it need not be where the person is signed in.
  const reader = pages.visitor()
  assert.match((await reader.get(link)).text, /Yes, confirm it/)
  assert.match((await visitor.get('/account')).text, /not confirmed yet/)
  assert.match((await reader.submit(link, {})).text, /Your address is confirmed/)
  assert.equal((await reader.get(link)).status, 410)
  assert.match((await visitor.get('/account')).text, /tag good">confirmed/)
  assert.doesNotMatch((await visitor.get('/account')).text, /account\/verify/)
})

test('asking for more and more links is slowed down', async () => {
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  const statuses: number[] = []
  for (let attempt = 0; attempt < 4; attempt++) {
    statuses.push((await visitor.submit('/account', {}, '/account/verify')).status)
  }
  assert.deepEqual(statuses, [303, 303, 303, 429])
})
