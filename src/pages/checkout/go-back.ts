import { html } from 'hono/html'
import { allowFormTarget } from '../headers.ts'
import { layout } from '../layout.ts'
import type { PageContext } from '../session.ts'
import type { CheckoutDeps } from './deps.ts'
import { checkoutWords as words } from './words.ts'

export const hostOf = (url: string): string => new URL(url).host

/** The forms of this page may end at the shop. Browsers know no IPv6 address in a policy: such a shop is reached by a page. */
export function allowShop(c: PageContext, ...urls: (string | undefined)[]): void {
  for (const url of urls) if (url !== undefined && !isIpv6(url)) allowFormTarget(c, url)
}

/** Leads back to the shop, behind a form or a link. */
export function goBack({ assets }: Pick<CheckoutDeps, 'assets'>, c: PageContext, url: string) {
  if (!isIpv6(url)) return c.redirect(url, 303)
  const language = c.get('language')
  const title = words(language, 'goingOn', { host: hostOf(url) })
  c.header('refresh', `0;url=${url}`)
  const body = html`<section class="alone"><h1>${title}.</h1><p class="sub"><a href="${url}">${words(language, 'goOn')}</a></p></section>`
  return c.html(layout(assets, { title, session: null, language, body }))
}

const isIpv6 = (url: string) => new URL(url).hostname.startsWith('[')
