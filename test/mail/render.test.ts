import assert from 'node:assert/strict'
import test from 'node:test'
import { LANGUAGES } from '../../src/domain/language.ts'
import { renderMail } from '../../src/mail/render.ts'
import type { MailValues, TemplateName } from '../../src/mail/templates.ts'

const link = 'https://pay.example/recover/abc'
const samples: { [Name in TemplateName]: MailValues[Name] } = {
  'recover-password': { name: 'Ana', link, minutes: 30 },
  'password-changed': { name: 'Ana', recover: link },
  invitation: { name: 'Ana', link, days: 7 },
  'verify-email': { name: 'Ana', link, days: 3 },
  'security-changed': { name: 'Ana', change: 'The passkey was added.', link },
  'invitation-in-vain': { name: 'Ana', link },
  'gift-card': {
    subject: 'For your birthday',
    name: 'Ana',
    sender: 'Bo',
    brand: 'Café Rio',
    amount: 'EUR 25.00',
    link,
    quote: 'Many happy returns!\r\nSee you & <soon>',
    small: ['Valid until 3 May 2027.', 'How to use it\nShow it'],
  },
  'purchase-link': { name: 'Ana', merchant: 'Corner Café', title: 'Two chairs', amount: 'EUR 80.00', link },
  'erase-account': { name: 'Ana', link, hours: 24 },
  'wallet-news': { name: 'Ana', link, quote: 'USD 12.50 came into us:1:USD' },
  alerts: { name: 'Ana', link, count: 2, quote: '• one\n• two' },
}

for (const language of LANGUAGES) {
  for (const [template, values] of Object.entries(samples) as [TemplateName, never][]) {
    test(`the mail ${template} in ${language} says the same in both forms and leaves no gap`, () => {
      const { subject, text, html } = renderMail(language, template, values)
      assert.ok(subject.length > 5 && subject.length < 60)
      for (const part of ['Ana', link, 'pay.example']) {
        assert.ok(text.includes(part), part)
        assert.ok(html.includes(part), part)
      }
      assert.doesNotMatch(subject + text + html, /\{\w+\}|undefined|\[object/)
      assert.ok(html.startsWith(`<!doctype html>\n<html lang="${language}">`))
      // Nothing in it tells its sender that it was opened.
      assert.doesNotMatch(html, /<img|<link|<script|url\(/)
      const words = (part: string) => part.replace(/<[^>]*>|[^\p{L}\d]+/gu, ' ').trim()
      for (const line of text.split('\n\n').slice(0, 2)) assert.ok(words(html).includes(words(line)), line)
    })
  }
}

test('values are text, in one line', () => {
  const { text, html } = renderMail('en', 'invitation', { name: '<b>&"\'\n{link}', link, days: 7 })
  assert.ok(text.startsWith('Hello <b>&"\' {link},\n'))
  assert.ok(html.includes('Hello &lt;b&gt;&amp;&quot;&#39; {link},'))
})
