import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ConsentStates } from '../../credentials/consent-states.ts'
import type { SigningKeys } from '../../credentials/signing-keys.ts'
import type { Markup, Page } from '../layout.ts'
import { layout } from '../layout.ts'
import type { Language } from '../messages.ts'
import type { PagesDeps } from '../pages.ts'
import type { PageContext } from '../session.ts'
import { words } from './words.ts'

/** What the wallet's pages need. */
export type WalletPagesDeps = PagesDeps & {
  oauth: {
    /** public URL of this server */
    issuer: string
    keys: Pick<SigningKeys, 'signer' | 'find'>
    /** of this process, told of what is withdrawn here */
    consents: Pick<ConsentStates, 'forget'>
  }
}

/** Pages between which a person goes to and fro, beside the frame's own navigation. */
const TABS = {
  wallets: '/wallet',
  send: '/wallet/send',
  invoices: '/wallet/invoices',
  purchases: '/wallet/purchases',
  cards: '/wallet/cards',
} as const
type Tab = keyof typeof TABS

export type WalletPage = {
  title: string
  place: Tab | 'handovers' | 'applications'
  body: Markup
  status?: ContentfulStatusCode
  script?: Page['script']
}

/** One of the wallet's pages in the frame. */
export function sendPage(
  { assets }: Pick<WalletPagesDeps, 'assets'>,
  c: PageContext,
  { title, place, body, status = 200, script }: WalletPage,
): Response | Promise<Response> {
  const language = c.get('language')
  const tab = Object.hasOwn(TABS, place) ? (place as Tab) : null
  return c.html(
    layout(assets, {
      title,
      session: c.get('session'),
      language,
      nav: place === 'handovers' || place === 'applications' ? place : 'wallets',
      style: 'wallet/wallet.css',
      ...(script ? { script } : {}),
      body: html`${tab ? tabs(tab, language) : ''}${body}`,
    }),
    status,
  )
}

function tabs(here: Tab, language: Language): Markup {
  const links = (Object.keys(TABS) as Tab[]).map(
    (tab) =>
      html`<li><a href="${TABS[tab]}"${tab === here ? html` aria-current="page"` : ''}>${words(language, tab === 'wallets' ? 'overview' : tab)}</a></li>`,
  )
  return html`<nav class="tabs" aria-label="${words(language, 'section')}"><ul>${links}</ul></nav>`
}
