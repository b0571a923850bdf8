import assert from 'node:assert/strict'
import { Secret, TOTP } from 'otpauth'
import type { Visitor } from '../pages/visitor.ts'

/** The code that an authenticator app shows. @param steps later than now, of 30 seconds */
export const codeOf = (secret: string, steps = 0): string =>
  TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: Date.now() + steps * 30_000 })

export type Factors = { secret: string; recoveryCodes: string[] }

/** Sets an authenticator app up on the pages, as a person does. The code of the step before now is used up. */
export async function setUpTotp(visitor: Visitor, password: string): Promise<Factors> {
  const page = await visitor.submit('/account/security/totp', { password })
  assert.equal(page.status, 200, page.text)
  const secret = secretIn(page.text)
  const done = await visitor.post('/account/security/totp/confirm', {
    ...hiddenIn(page.text),
    code: codeOf(secret, -1),
  })
  assert.equal(done.status, 200, done.text)
  return { secret, recoveryCodes: recoveryCodesIn(done.text) }
}

/** The key that a page shows for typing it by hand. */
export const secretIn = (html: string): string =>
  (/<p class="by-hand">[^<]*<code>([A-Z2-7 ]+)<\/code>/.exec(html)?.[1] ?? '').replaceAll(' ', '')

export const recoveryCodesIn = (html: string): string[] =>
  [...html.matchAll(/<li><code>([0-9a-z-]{19})<\/code>/g)].map(([, code]) => code as string)

/** The hidden fields of the form in the content of a page. */
export function hiddenIn(html: string): Record<string, string> {
  const form = (html.split('<main')[1] ?? '').split(/<form\b/)[1]?.split('</form>')[0] ?? ''
  const inputs = form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)
  return Object.fromEntries([...inputs].map(([, name, value]) => [name as string, value as string]))
}
