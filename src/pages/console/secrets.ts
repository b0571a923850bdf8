import { html } from 'hono/html'
import type { SigningScheme } from '#sdk/explain/types.ts'
import { type Content, linkButton, notice, pageHeading } from '../components.ts'
import type { Markup } from '../layout.ts'
import { defineMessages, type Language } from '../messages.ts'
import { sendConsole } from './frame.ts'
import type { ConsoleCall, ConsoleDeps } from './route.ts'

const words = defineMessages({
  en: {
    once: 'Copy this now: it is shown on this page only, and cannot be shown again.',
    again: 'This look is in the log of acts. Close the page when you have copied it.',
    warnings: 'What the vendors ask of whoever holds it',
    private: 'Keep it private: a secret store, not a mail, a chat or a ticket. Whoever has it acts as you.',
    front: 'Never in a front end: not in a page, a script or an app that others can open.',
    logged: 'Never logged: not in a log, a trace, an error report or the history of a shell.',
    https: 'HTTPS only: never send it, or what it signs, over a connection that is not encrypted.',
    leaked: 'If somebody else may have seen it: replace it, or end everything at once under “Compromise”.',
    done: 'I have copied it',
    copy: 'Copy',
    copied: 'Copied',
    selected: 'Selected',
    try: 'Sign a call with it (opens beside this page)',
  },
  fr: {
    once: 'Copiez ceci maintenant\u00a0: il n’est montré que sur cette page, et ne peut plus l’être ensuite.',
    again: 'Cette consultation figure au journal des actes. Fermez la page une fois la copie faite.',
    warnings: 'Ce que les fournisseurs demandent à qui le détient',
    private:
      'Gardez-le privé\u00a0: un coffre à secrets, ni courriel, ni messagerie, ni ticket. Qui l’a agit en votre nom.',
    front: 'Jamais dans une interface\u00a0: ni page, ni script, ni application que d’autres peuvent ouvrir.',
    logged: 'Jamais journalisé\u00a0: ni journal, ni trace, ni rapport d’erreur, ni historique de terminal.',
    https: 'HTTPS uniquement\u00a0: ne l’envoyez jamais, ni ce qu’il signe, sur une connexion non chiffrée.',
    leaked:
      'Si quelqu’un d’autre a pu le voir\u00a0: remplacez-le, ou terminez tout d’un coup sous «\u00a0Compromission\u00a0».',
    done: 'Je l’ai copié',
    copy: 'Copier',
    copied: 'Copié',
    selected: 'Sélectionné',
    try: 'Signer un appel avec (s’ouvre à côté)',
  },
})

/** What whoever holds a secret has to know: stands on every page about credentials. */
export function secretWarnings(language: Language): Markup {
  const lines = (['private', 'front', 'logged', 'https', 'leaked'] as const).map(
    (key) => html`<li>${words(language, key)}</li>`,
  )
  return html`<aside class="warnings" aria-labelledby="secret-warnings"><h2 id="secret-warnings">${words(
    language,
    'warnings',
  )}</h2><ul>${lines}</ul></aside>`
}

export type ShownSecret = { label: Content; value: string; hint?: Content }

/**
 * Answers a post with secrets. They are on this page and in no address; it is not cached.
 * @param page.again the same can be shown again, and each time is an act
 * @param page.scheme what is signed with them, to try it in the signature builder
 */
export function sendSecrets(
  deps: ConsoleDeps,
  call: ConsoleCall,
  page: {
    title: string
    sub?: Content
    place: string
    back: string
    secrets: readonly ShownSecret[]
    again?: boolean
    scheme?: SigningScheme
  },
): Response | Promise<Response> {
  const { language, c } = call
  c.header('cache-control', 'no-store')
  const shown = page.secrets.map(({ label, value, hint }, index) => {
    const copy = html`<button type="button" class="quiet" data-copy="secret-${index}" data-copied="${words(language, 'copied')}" data-selected="${words(language, 'selected')}" hidden>${words(
      language,
      'copy',
    )}<span class="heard"> ${label}</span></button>`
    return html`<div><dt>${label}${hint === undefined ? '' : html`<small>${hint}</small>`}</dt><dd><code class="secret" id="secret-${index}" tabindex="0">${value}</code>${copy}</dd></div>`
  })
  const sign =
    page.scheme === undefined
      ? ''
      : html`<a class="button quiet" href="/tools/signature#${page.scheme}" target="_blank">${words(language, 'try')}</a>`
  const body = html`${pageHeading(page.title, page.sub === undefined ? {} : { sub: page.sub })}${notice(
    'plain',
    words(language, page.again ? 'again' : 'once'),
  )}<dl class="secrets">${shown}</dl>${secretWarnings(language)}<div class="buttons pager">${linkButton(
    `/console${page.back}`,
    words(language, 'done'),
    'primary',
  )}${sign}</div>`
  return sendConsole(deps, call, { title: page.title, place: page.place, body, script: 'copy.js' })
}
