import { html } from 'hono/html'
import type { PasskeyScope } from '../../credentials/passkey.ts'
import { requestOptions } from '../../credentials/passkey.ts'
import type { ChallengePurpose } from '../../credentials/passkey-challenge.ts'
import type { FactorProof, SecondFactor } from '../../credentials/second-factor.ts'
import { field } from '../components.ts'
import type { PageContext } from '../env.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { factorText as text } from './messages.ts'
import { passkeySite } from './site.ts'

type SiteConfig = Parameters<typeof passkeySite>[0]

/** What somebody can answer the question for a second factor with. */
export type FactorQuestion = {
  /** there is an authenticator app; else the code is a recovery code */
  readonly totp: boolean
  /** what a passkey is asked with, as JSON; null: there is none, or not here */
  readonly passkey: string | null
}

/** Of this browser: who is signed in, or who has the form cookie. */
export const scopeOf = (config: SiteConfig, c: PageContext): PasskeyScope => ({
  bind: c.get('csrf')(),
  site: passkeySite(config, c),
})

/** What a page asks a passkey with; null where passkeys cannot be used. */
export function passkeyOptions(
  config: SiteConfig,
  c: PageContext,
  { challenges }: SecondFactor,
  purpose: ChallengePurpose,
): string | null {
  const { bind, site } = scopeOf(config, c)
  return site && JSON.stringify(requestOptions(challenges, purpose, bind, site))
}

/** The proof that a form with {@link factorFields} brings. */
export const proofOf = (config: SiteConfig, c: PageContext, form: ReadonlyMap<string, string>): FactorProof => ({
  code: form.get('factor') ?? '',
  passkey: form.get('passkey') ?? '',
  scope: scopeOf(config, c),
})

/** Names of the fields, which no log and no page repeats. */
export const FACTOR_FIELDS = ['factor', 'passkey'] as const

/**
 * The fields that ask for a second factor, within a form. With a script, and a passkey that fits, its button sends the form; the code
 * is for everybody else.
 */
export function factorFields(
  language: Language,
  { totp, passkey }: FactorQuestion,
  { error, autofocus, optional }: { error?: string | undefined; autofocus?: boolean; optional?: boolean } = {},
): Markup {
  const code = field({
    name: 'factor',
    label: text(language, totp ? 'code' : 'recovery-code'),
    hint: text(language, totp ? 'code-hint' : 'recovery-code-hint'),
    autocomplete: 'one-time-code',
    maxlength: 30,
    spellcheck: false,
    // Asked for by the server where a passkey can stand in for it.
    required: passkey === null && !optional,
    error,
    ...(autofocus && { autofocus }),
  })
  return html`${passkey === null ? '' : passkeyButton(language, 'get', passkey, text(language, 'use-passkey'))}${code}`
}

/** A button that asks a passkey and sends its form with the answer. Hidden until the script finds that the browser has passkeys. */
export function passkeyButton(
  language: Language,
  kind: 'get' | 'create',
  options: string,
  label: string,
  look: 'primary' | 'quiet' = 'quiet',
): Markup {
  return html`<div class="passkey" data-passkey="${kind}" data-options="${options}" data-failed="${text(
    language,
    'passkey-failed',
  )}" data-known="${text(language, 'passkey-known')}" hidden><input type="hidden" name="passkey" value=""><button type="button" class="${look}">${label}</button><p class="error" role="alert" hidden></p></div>`
}
