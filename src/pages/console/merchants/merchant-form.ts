import { html } from 'hono/html'
import type { Merchant, MerchantChange } from '../../../storage/merchants.ts'
import { checkbox, field } from '../../components.ts'
import type { Markup } from '../../layout.ts'
import { errorOf, linesOf, type Refused, textOf } from '../act-form.ts'
import type { ConsoleCall } from '../route.ts'
import { merchantWords as words } from './words.ts'

/** Fields of the settings, beside which a refusal may stand. */
export const SETTING_NAMES = [
  'name',
  'link_seconds',
  'payment_notification_url',
  'error_notification_url',
  'redirect_hosts',
]

/** What may change about a merchant, as the form has it. */
export function readSettings({ form }: ConsoleCall): Required<MerchantChange> {
  const seconds = form.get('link_seconds')?.trim() ?? ''
  return {
    name: form.get('name') ?? '',
    requiresSignature: form.has('requires_signature'),
    manualCapture: form.has('manual_capture'),
    linkSeconds: /^\d{1,9}$/.test(seconds) ? Number(seconds) : Number.NaN,
    paymentNotificationUrl: textOf(form, 'payment_notification_url') ?? null,
    errorNotificationUrl: textOf(form, 'error_notification_url') ?? null,
    redirectHosts: linesOf(form.get('redirect_hosts')),
  }
}

/** @param merchant what stands there before anything was sent; null: a new one's */
export function settingFields(call: ConsoleCall, merchant: Merchant | null, refusal: Refused | null): Markup {
  const { language, form } = call
  const sent = form.size > 0
  const text = (name: string, label: Parameters<typeof words>[1], before: string, more: object = {}) =>
    field({
      name,
      label: words(language, label),
      value: form.get(name) ?? before,
      error: errorOf(call, refusal, name),
      ...more,
    })
  const url = { required: false, hint: words(language, 'url-hint'), spellcheck: false, maxlength: 2000 }
  return html`${text('name', 'name', merchant?.name ?? '', { maxlength: 200 })}${checkbox({
    name: 'requires_signature',
    label: words(language, 'signature'),
    hint: words(language, 'signature-hint'),
    checked: sent ? form.has('requires_signature') : (merchant?.requiresSignature ?? true),
  })}${checkbox({
    name: 'manual_capture',
    label: words(language, 'manual'),
    hint: words(language, 'manual-hint'),
    checked: sent ? form.has('manual_capture') : (merchant?.manualCapture ?? false),
  })}${text('link_seconds', 'link', String(merchant?.linkSeconds ?? 86_400), { inputmode: 'numeric' })}${text(
    'payment_notification_url',
    'payment',
    merchant?.paymentNotificationUrl ?? '',
    url,
  )}${text('error_notification_url', 'error', merchant?.errorNotificationUrl ?? '', url)}${text(
    'redirect_hosts',
    'hosts',
    merchant?.redirectHosts.join('\n') ?? '',
    { required: false, rows: 3, hint: words(language, 'hosts-hint'), spellcheck: false },
  )}`
}
