import { html } from 'hono/html'
import { isWalletScope } from '../../credentials/scopes.ts'
import type { InteractionView } from '../../protocols/oauth/interactions.ts'
import type { PartyWallet } from '../../storage/party-wallets.ts'
import { button, buttonRow, checkbox, notice, pageHeading, select } from '../components.ts'
import type { PageContext } from '../env.ts'
import { csrfField } from '../forms.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import type { AnswerErrors, Choices } from './answer.ts'
import { consentText as text } from './messages.ts'
import { PERIODS } from './periods.ts'

export type ConsentPage = {
  interaction: InteractionView
  /** of the person */
  name: string
  wallets: PartyWallet[]
  choices: Choices
  errors: AnswerErrors
}

/** Where a person proves again who they are, or somebody else does, before this request. */
export const signInAgain = ({ uid }: InteractionView): string =>
  `/sign-in?again=1&next=${encodeURIComponent(`/interaction/${uid}`)}`

export function consentView(c: PageContext, page: ConsentPage): Markup {
  const language = c.get('language')
  const { interaction, wallets, choices, errors } = page
  const { client } = interaction
  const { host } = new URL(interaction.redirectUri)
  return html`<div class="narrow">
${pageHeading(text(language, 'heading', { client: client.name }), {
  sub: text(language, 'sub', { party: client.party, id: client.id, name: page.name }),
})}
${client.public ? notice('plain', text(language, 'public')) : ''}
${wallets.length === 0 ? notice('bad', text(language, 'no-own-wallets')) : ''}
<form class="sheet" method="post" action="/interaction/${interaction.uid}">
${csrfField(c)}
${choice(
  'scopes',
  text(language, 'operations'),
  text(language, 'operations-hint'),
  errors.scopes,
  interaction.scopes.map((scope) => operation(scope, choices, language)),
)}
${
  wallets.length === 0
    ? ''
    : choice(
        'wallets',
        text(language, 'wallets'),
        text(language, 'wallets-hint'),
        errors.wallets,
        wallets.map((wallet) => walletBox(wallet, choices)),
      )
}
${select({
  name: 'until',
  label: text(language, 'until'),
  hint: text(language, 'until-hint'),
  error: errors.until,
  value: choices.period,
  choices: PERIODS.map((period) => ({ value: period, label: text(language, `until-${period}`) })),
})}
<p class="hint" id="goes-to">${text(language, 'goes-to', { host })}</p>
${buttonRow(
  ...(wallets.length === 0
    ? []
    : [button({ label: text(language, 'allow'), name: 'decision', value: 'allow', describedBy: 'goes-to' })]),
  button({
    label: text(language, 'decline'),
    kind: 'quiet',
    name: 'decision',
    value: 'decline',
    describedBy: 'goes-to',
  }),
)}
</form>
<p class="hint"><a href="${signInAgain(interaction)}">${text(language, 'another-person', { name: page.name })}</a></p>
</div>`
}

function choice(id: string, legend: string, hint: string, error: string | undefined, boxes: Markup[]): Markup {
  const described = `${id}-hint${error === undefined ? '' : ` ${id}-error`}`
  return html`<fieldset aria-describedby="${described}"><legend>${legend}</legend>
<p class="hint" id="${id}-hint">${hint}</p>
${error === undefined ? '' : html`<p class="error" id="${id}-error">${error}</p>`}
${boxes}
</fieldset>`
}

function operation(scope: string, { scopes }: Choices, language: Language): Markup {
  const words = isWalletScope(scope)
    ? { label: text(language, `scope:${scope}`), hint: text(language, `scope:${scope}-hint`) }
    : { label: scope }
  return checkbox({ name: `scope:${scope}`, ...words, checked: scopes.has(scope) })
}

const walletBox = (wallet: PartyWallet, { wallets }: Choices): Markup =>
  checkbox({
    name: `wallet:${wallet.explicit_id}`,
    label: html`<code>${wallet.explicit_id}</code>`,
    checked: wallets.has(wallet.id),
  })
