import type { IncomingMessage } from 'node:http'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { alone } from '../components.ts'
import { layout } from '../layout.ts'
import type { PageContext } from '../session.ts'
import type { CheckoutDeps } from './deps.ts'
import { goBack } from './go-back.ts'
import { failureUrl } from './results.ts'
import { checkoutWords as words } from './words.ts'

/**
 * `GET /purchase` and `/payment_solutions`: where shops send people. Leads to the checkout page; a request that cannot be used leads
 * back to the shop if it is proven to be the shop's, and nowhere otherwise.
 */
export async function openFrontAddress(deps: CheckoutDeps, c: PageContext) {
  const result = await deps.openFront(c.env.incoming as IncomingMessage)
  if ('link' in result) return c.redirect(`/checkout/${result.link}`, 303)
  const { problem, back } = result
  if (back && problem.http < 500) return goBack(deps, c, failureUrl(deps, back.merchant, back.cancelUrl, problem))
  const language = c.get('language')
  const busy = problem.http === 429 || problem.http >= 500
  const title = words(language, busy ? 'busyLink' : 'badLink')
  const told = busy ? '' : ` ${words(language, 'forDevelopers', { message: problem.message })}`
  const text = `${words(language, busy ? 'busyLinkText' : 'badLinkText')}${told}`
  if (busy) c.header('retry-after', '60')
  // 401 would need a challenge that no browser could answer.
  const status = (problem.http === 401 ? 403 : problem.http) as ContentfulStatusCode
  const body = alone(language, { mark: String(status), title, text })
  return c.html(layout(deps.assets, { title, session: null, language, body }), status)
}
