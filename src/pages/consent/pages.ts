import { Hono } from 'hono'
import { html } from 'hono/html'
import { OperationRefusal } from '../../operations/input.ts'
import type { Interactions, InteractionView } from '../../protocols/oauth/interactions.ts'
import { listWalletsOfParties } from '../../storage/party-wallets.ts'
import { alone } from '../components.ts'
import type { PageContext, PageEnv } from '../env.ts'
import { readForm } from '../forms.ts'
import { allowFormTarget } from '../headers.ts'
import { layout } from '../layout.ts'
import type { PagesDeps } from '../pages.ts'
import { PageProblem } from '../problem.ts'
import { refuseViewers, sessionOf } from '../session.ts'
import { type Answer, choicesOf, firstChoices, readAnswer, wordsFor } from './answer.ts'
import { consentText as text } from './messages.ts'
import { endOf } from './periods.ts'
import { type ConsentPage, consentView, signInAgain } from './view.ts'

export type ConsentPagesDeps = PagesDeps & { oauth: { interactions: Interactions } }

type Page = (c: PageContext, interaction: InteractionView) => Promise<Response>

/** Somebody with more wallets chooses among the first ones. */
const MOST_SHOWN = 200

/** `/interaction/:uid`: an authorization request, before its owner. The path is where the browser shows the request's cookie. */
export function createConsentPages(deps: ConsentPagesDeps): Hono<PageEnv> {
  const { db, assets, clock } = deps
  const { interactions } = deps.oauth
  const pages = new Hono<PageEnv>()

  /** A page for a request that is still open and belongs to this browser, before a person who has signed in as it wants. */
  const decided = (page: Page) => async (c: PageContext) => {
    const interaction = await interactions.find(...node(c))
    if (!interaction) return gone(c)
    if (interaction.answered) return c.redirect(interaction.resume, 303)
    const session = c.get('session')
    if (!session) return c.redirect(`/sign-in?next=${encodeURIComponent(`/interaction/${interaction.uid}`)}`, 303)
    if (session.mustSecure) return c.redirect('/account/security?required=1', 303)
    if (session.signedInAt < (interaction.signedInSince ?? 0)) return c.redirect(signInAgain(interaction), 303)
    return page(c, interaction)
  }

  function gone(c: PageContext) {
    const language = c.get('language')
    const title = text(language, 'gone-title')
    const body = alone(language, { mark: '410', title, text: text(language, 'gone-text') })
    return c.html(layout(assets, { title, session: c.get('session'), language, body }), 410)
  }

  const listWallets = (c: PageContext) => listWalletsOfParties(db, [sessionOf(c).partyId], MOST_SHOWN)

  /** Without the frame's navigation: what is to be decided here is one thing. */
  async function show(c: PageContext, page: Omit<ConsentPage, 'name'>) {
    const language = c.get('language')
    allowFormTarget(c, page.interaction.redirectUri)
    const status = Object.keys(page.errors).length > 0 ? 422 : 200
    const body = consentView(c, { ...page, name: sessionOf(c).name })
    return c.html(layout(assets, { title: text(language, 'title'), session: null, language, body }), status)
  }

  async function allow(c: PageContext, { walletIds, scopes, period }: Answer): Promise<string> {
    if (period === undefined) throw new OperationRefusal('invalid_input', 'until', 'how long it lasts is not said')
    const { partyId } = sessionOf(c)
    return interactions.accept(...node(c), { partyId, walletIds, scopes, until: endOf(period, clock()) })
  }

  /** Browsers know no IPv6 address in a policy, so the way to one is opened by a page and not by the form. */
  async function goOn(c: PageContext, { redirectUri, client }: InteractionView, path: string) {
    if (!new URL(redirectUri).hostname.startsWith('[')) return c.redirect(path, 303)
    const language = c.get('language')
    const title = text(language, 'going-on', { client: client.name })
    c.header('refresh', `0;url=${path}`)
    const body = html`<section class="alone"><h1>${title}.</h1><p class="sub"><a href="${path}">${text(language, 'go-on')}</a></p></section>`
    return c.html(layout(assets, { title, session: null, language, body }))
  }

  pages.get(
    '/interaction/:uid',
    decided(async (c, interaction) => {
      const resume = await interactions.skip(...node(c), sessionOf(c).partyId)
      if (resume !== null) return c.redirect(resume, 303)
      const wallets = await listWallets(c)
      return show(c, { interaction, wallets, choices: firstChoices(interaction, wallets), errors: {} })
    }),
  )

  pages.post(
    '/interaction/:uid',
    refuseViewers(),
    decided(async (c, interaction) => {
      const form = await readForm(c)
      const decision = form.get('decision')
      if (decision === 'decline') return goOn(c, interaction, await interactions.decline(...node(c)))
      if (decision !== 'allow') throw new PageProblem('form-malformed')
      const wallets = await listWallets(c)
      const answer = readAnswer(form, interaction, wallets)
      try {
        return await goOn(c, interaction, await allow(c, answer))
      } catch (error) {
        if (!(error instanceof OperationRefusal)) throw error
        const errors = wordsFor(c.get('language'), error, answer)
        return show(c, { interaction, wallets, choices: choicesOf(answer), errors })
      }
    }),
  )

  return pages
}

/** Node's own request and response, from which the authorization server reads its cookie. */
function node(c: PageContext) {
  const { incoming, outgoing } = c.env
  if (!incoming || !outgoing) throw new PageProblem('not-found')
  return [incoming, outgoing] as const
}
