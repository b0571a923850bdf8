import { html } from 'hono/html'
import type { OwnFloat, readBusinessKinds } from '../../../storage/business-state.ts'
import { section } from '../../components.ts'
import type { Markup } from '../../layout.ts'
import type { ConsoleCall } from '../route.ts'
import { businessText as text } from './words.ts'

export type BusinessKinds = Awaited<ReturnType<typeof readBusinessKinds>>

/** Whether there is anything that may need somebody. */
export const isSetUp = ({ partner, merchant, brand, wallet, client }: BusinessKinds): boolean =>
  partner || merchant || brand || wallet || client

type Step = { text: string; href?: string; do?: string }

/** What to do next, as long as there is something: what is done falls away. */
export function beginView(
  kinds: BusinessKinds,
  floats: readonly OwnFloat[],
  { language, user }: ConsoleCall,
): Markup | string {
  const sells = kinds.partner || kinds.merchant
  const owner = user.role === 'owner'
  const sign = { href: '/tools/signature', do: text(language, 'step-sign-do') }
  const steps: Step[] = []
  if (!isSetUp(kinds))
    steps.push(
      { text: text(language, 'step-sign'), ...sign },
      { text: text(language, 'step-partner') },
      { text: text(language, 'step-merchant') },
    )
  if (user.role !== 'viewer' && kinds.partner && floats.length > 0 && floats.every(({ balance }) => balance === 0n))
    steps.push({
      text: text(language, 'step-money'),
      href: '/console/float-requests/new',
      do: text(language, 'ask-money'),
    })
  if (sells && !kinds.called) steps.push({ text: text(language, 'step-call'), ...sign })
  if (owner && isSetUp(kinds) && !kinds.endpoint)
    steps.push({
      text: text(language, 'step-webhook'),
      href: '/console/webhooks/new',
      do: text(language, 'step-webhook-do'),
    })
  if (owner && !isSetUp(kinds))
    steps.push({ text: text(language, 'step-team'), href: '/console/team', do: text(language, 'step-team-do') })
  if (steps.length === 0) return ''
  const list = html`<ol class="attention">${steps.map(
    (step) =>
      html`<li><span>${step.text}</span>${step.href === undefined ? '' : html` <a href="${step.href}">${step.do ?? ''}</a>`}</li>`,
  )}</ol>`
  return section(
    'begin',
    text(language, isSetUp(kinds) ? 'next' : 'begin'),
    list,
    isSetUp(kinds) ? {} : { sub: text(language, 'begin-sub') },
  )
}
