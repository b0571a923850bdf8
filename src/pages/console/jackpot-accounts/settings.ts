import { html } from 'hono/html'
import type { AccountInput } from '../../../operations/jackpot/account-input.ts'
import type { JackpotAccount } from '../../../storage/jackpot-accounts.ts'
import { field, select } from '../../components.ts'
import type { Markup } from '../../layout.ts'
import { errorOf, linesOf, type Refused, textOf } from '../act-form.ts'
import type { ConsoleCall } from '../route.ts'
import { jackpotWords as words } from './words.ts'

/** Fields of the settings, beside which a refusal may stand. */
export const SETTING_NAMES = ['allowed_domains', 'notification_url', 'callback_url']

/** What may change about an account, as the form has it. */
export const readSettings = ({ form }: ConsoleCall): Required<AccountInput> => ({
  allowedDomains: linesOf(form.get('allowed_domains')?.toLowerCase()),
  notificationUrl: textOf(form, 'notification_url') ?? null,
  confirmation: form.get('confirmation') === 'automatic' ? 'automatic' : 'manual',
  callbackUrl: textOf(form, 'callback_url') ?? null,
})

/** @param account what stands there before anything was sent; null: a new one's */
export function settingFields(call: ConsoleCall, account: JackpotAccount | null, refusal: Refused | null): Markup {
  const { language, form } = call
  const text = (
    name: string,
    label: Parameters<typeof words>[1],
    hint: Parameters<typeof words>[1],
    before: string,
    rows?: number,
  ) =>
    field({
      name,
      label: words(language, label),
      hint: words(language, hint),
      required: false,
      spellcheck: false,
      value: form.get(name) ?? before,
      error: errorOf(call, refusal, name),
      ...(rows !== undefined && { rows }),
    })
  return html`${text('allowed_domains', 'domains', 'domains-hint', account?.allowedDomains.join('\n') ?? '', 4)}${text(
    'notification_url',
    'notify',
    'notify-hint',
    account?.notificationUrl ?? '',
  )}${select({
    name: 'confirmation',
    label: words(language, 'confirmation'),
    value: form.get('confirmation') ?? account?.confirmation ?? 'manual',
    choices: (['manual', 'automatic'] as const).map((value) => ({ value, label: words(language, value) })),
  })}${text('callback_url', 'callback', 'callback-hint', account?.callbackUrl ?? '')}`
}
