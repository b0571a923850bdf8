import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { seriousFindings } from '../../support/axe.ts'
import { launchBrowser, needsBrowser, signIn } from '../../support/browser.ts'
import { PASSWORD, type PagesHarness, startPages } from '../harness.ts'

let pages: PagesHarness
let browser: Browser
let at: string
before(async () => {
  if (needsBrowser.skip) return
  pages = await startPages()
  // Passkeys belong to names, never to addresses.
  at = pages.url.replace('127.0.0.1', 'localhost')
  browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await pages?.stop()
})

type Device = { page: Page; cdp: CDPSession; authenticatorId: string; credentials(): Promise<{ signCount: number }[]> }

/** A browser of its own on a machine that unlocks with a finger. */
async function device(options: { verified?: boolean } = {}): Promise<Device> {
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage()
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: options.verified ?? true,
      automaticPresenceSimulation: true,
    },
  })
  const credentials = async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials
  return { page, cdp, authenticatorId, credentials }
}

async function addPasskey({ page }: Device, name: string): Promise<void> {
  await page.goto(`${at}/account/security/passkeys/new`)
  await page.getByLabel('Your password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Create the passkey' }).click()
}

/** Somebody with a passkey on a device, signed in there. */
async function keyed(): Promise<{ email: string; phone: Device }> {
  const { email } = await pages.person()
  const phone = await device()
  await signIn(phone.page, at, email, PASSWORD, '/account')
  await addPasskey(phone, 'Telephone')
  await phone.page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
  return { email, phone }
}

test('a passkey is added, named and listed, and brings recovery codes', needsBrowser, async () => {
  const { email, phone } = await keyed()
  const { page } = phone
  assert.equal(await page.locator('.recovery-codes li').count(), 10)
  assert.deepEqual(await seriousFindings(page), [])
  await page.getByRole('link', { name: 'I have kept them' }).click()
  await page.getByRole('rowheader', { name: 'Telephone' }).waitFor()
  assert.deepEqual(await seriousFindings(page), [])
  const [row] = await pages.db.query<{ handle: Buffer }>(
    'select passkey_handle as handle from sign_in where email = $1',
    [email],
  )
  assert.equal(row?.handle.length, 32)
  assert.equal((await phone.credentials()).length, 1)
  const mails = (await pages.mails()).filter(({ to }) => to === email)
  assert.match(mails[0]?.text ?? '', /The passkey “Telephone” was added/)
})

test('it signs in without an address or a password, by keyboard alone', needsBrowser, async () => {
  const { phone } = await keyed()
  const { page } = phone
  await page.goto(`${at}/account`)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.goto(`${at}/sign-in?next=%2Faccount`)
  assert.deepEqual(await seriousFindings(page), [])
  const button = page.getByRole('button', { name: 'Sign in with a passkey' })
  await button.focus()
  await Promise.all([page.waitForURL(`${at}/account`), page.keyboard.press('Enter')])
  await page.getByRole('heading', { name: 'Account' }).waitFor()
  assert.equal((await phone.credentials())[0]?.signCount, 2)
})

test('after the password it is the second factor, and again for changing factors', needsBrowser, async () => {
  const { email, phone } = await keyed()
  const { page } = phone
  await page.context().clearCookies()
  await page.goto(`${at}/sign-in?next=%2Faccount`)
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=password]').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(/\/sign-in\/factor/)
  assert.deepEqual(await seriousFindings(page), [])
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.waitForURL(`${at}/account`)

  await page.goto(`${at}/account/security`)
  await page.getByRole('link', { name: 'Remove: Telephone' }).click()
  assert.match((await page.locator('.sub').textContent()) ?? '', /only second factor/)
  await page.getByLabel('Your password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.waitForURL(/done=passkey-removed/)
  assert.equal((await pages.db.query('select from recovery_code where email = $1', [email])).length, 0)
  // The device still has it; the server knows it no more.
  await page.context().clearCookies()
  await page.goto(`${at}/sign-in`)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByText('This passkey is not known here').waitFor()
})

test('a device that does not know its user gives no passkey', needsBrowser, async () => {
  const { email } = await pages.person()
  const phone = await device({ verified: false })
  await signIn(phone.page, at, email, PASSWORD, '/account')
  await addPasskey(phone, 'Somebody’s')
  await phone.page.getByText('The passkey gave no answer').waitFor()
  assert.equal((await pages.db.query('select from passkey where email = $1', [email])).length, 0)
})

/** What the form sends, caught on its way. */
async function answerOf({ page }: Device, path: string, button: string, action: string): Promise<string> {
  await page.goto(at + path)
  await page.route(`**${action}`, (route) => route.abort())
  // Not when it is sent: the route goes by then, and what nobody stops any more reaches the server and signs in.
  const stopped = page.waitForEvent('requestfailed', (request) => request.url().endsWith(action))
  await page.getByRole('button', { name: button }).click()
  const body = (await stopped).postData()
  await page.unroute(`**${action}`)
  return body ?? ''
}

test('an answer works once, in the browser that was asked, and untampered', needsBrowser, async () => {
  const { email, phone } = await keyed()
  const { page } = phone
  await page.context().clearCookies()
  const body = await answerOf(phone, '/sign-in', 'Sign in with a passkey', '/sign-in/passkey')
  const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  const send = (text: string, cookie = cookies) =>
    fetch(`${at}/sign-in/passkey`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie, origin: at },
      body: text,
    })
  const changed = (change: (answer: { id: string; response: Record<string, string> }) => void) => {
    const form = new URLSearchParams(body)
    const answer = JSON.parse(form.get('passkey') ?? '')
    change(answer)
    form.set('passkey', JSON.stringify(answer))
    return form.toString()
  }
  const data = (answer: { response: Record<string, string> }) =>
    JSON.parse(Buffer.from(answer.response.clientDataJSON ?? '', 'base64url').toString())
  const otherData = (member: string, value: string) =>
    changed((answer) => {
      const text = JSON.stringify({ ...data(answer), [member]: value })
      answer.response.clientDataJSON = Buffer.from(text).toString('base64url')
    })
  const tampered = [
    otherData('origin', 'https://evil.example'),
    otherData('challenge', 'AAAA'),
    otherData('type', 'webauthn.create'),
    changed((answer) => {
      answer.response.userHandle = Buffer.alloc(32).toString('base64url')
    }),
    changed((answer) => {
      const signature = Buffer.from(answer.response.signature ?? '', 'base64url')
      signature[10] = (signature[10] ?? 0) ^ 1
      answer.response.signature = signature.toString('base64url')
    }),
    body.replace(/passkey=[^&]*/, 'passkey=%7B%7D'),
    body.replace(/passkey=[^&]*/, 'passkey=null'),
    body.replace(/passkey=[^&]*/, 'passkey=%7B%22id%22%3A7%7D'),
    body.replace(/passkey=[^&]*/, 'passkey='),
  ]
  for (const text of tampered) assert.equal((await send(text)).status, 422, text.slice(-60))
  // Another browser has another cookie, and so another challenge.
  const other = pages.visitor(at)
  const { csrf = '' } = await other.hidden('/sign-in')
  const stolen = new URLSearchParams(body)
  stolen.set('csrf', csrf)
  const otherCookies = [...other.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  assert.equal((await send(stolen.toString(), otherCookies)).status, 422)

  await pages.db.query('delete from sign_in_throttle')
  const answers = await Promise.all(Array.from({ length: 16 }, () => send(body)))
  assert.equal(answers.filter(({ status }) => status === 303).length, 1)
  const sessions = await pages.db.query('select from web_session where email = $1', [email])
  assert.equal(sessions.length, 2)
})

test('a passkey that counts backwards is two passkeys, and none of them signs in', needsBrowser, async () => {
  await pages.db.query('delete from sign_in_throttle')
  const { email, phone } = await keyed()
  await pages.db.query('update passkey set counter = 100 where email = $1', [email])
  const { page } = phone
  await page.context().clearCookies()
  await page.goto(`${at}/sign-in`)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByText('This passkey is not known here').waitFor()
})

test('somebody else’s passkey is no second factor', needsBrowser, async () => {
  await pages.db.query('delete from sign_in_throttle')
  const { phone } = await keyed()
  const { email } = await keyed()
  const { page } = phone
  await page.context().clearCookies()
  await page.goto(`${at}/sign-in`)
  await page.locator('input[name=email]').fill(email)
  await page.locator('input[name=password]').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(/\/sign-in\/factor/)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.locator('#factor-error').waitFor()
})

test('without a script there are password and codes; under a number there are no passkeys', needsBrowser, async () => {
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
  await page.goto(`${at}/sign-in`)
  assert.equal(await page.getByRole('button', { name: 'Sign in with a passkey' }).isVisible(), false)
  const byNumber = await pages.visitor().get('/sign-in')
  assert.doesNotMatch(byNumber.text, /data-passkey/)
  const { email } = await pages.person()
  const visitor = await pages.signedIn(email)
  assert.match((await visitor.get('/account/security')).text, /Passkeys work on http:\/\/billfold\.example/)
  assert.equal((await visitor.submit('/account/security/passkeys/new', { password: PASSWORD })).status, 404)
})
