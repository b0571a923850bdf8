import type { Keyring } from '../credentials/keyring.ts'
import type { Language } from '../domain/language.ts'
import { uuidV7 } from '../domain/uuid.ts'
import type { Sql } from '../storage/database.ts'
import { insertMail } from '../storage/mail-outbox.ts'
import { renderMail } from './render.ts'
import type { MailValues, TemplateName } from './templates.ts'

/** One mail as it lies in the outbox. */
export type Mail = { to: string; subject: string; text: string; html: string }

export type MailOrder<Name extends TemplateName = TemplateName> = {
  /** one address, checked by `requireEmail` */
  to: string
  language: Language
  template: Name
  values: MailValues[Name]
  /** how long it makes sense to send it; null: until it is given up */
  expiresAt: Date | null
}

/** How mails get written. They leave by the worker, after the transaction that wrote them. */
export type Mailer = {
  /** false: nobody would ever read a mail, because there is neither a mail server nor the sandbox's outbox page */
  readonly enabled: boolean
  /** whether a mail server takes them; else they stay in the outbox */
  readonly leaves: boolean
  /** an absolute address of this server, for links; never taken from a request, whose Host anyone may choose */
  url(path: string): string
  /** Writes a mail in the transaction of its cause. @returns its id */
  write<Name extends TemplateName>(sql: Sql, order: MailOrder<Name>): Promise<string>
}

/** Mails hold links that open accounts: what lies in the table is sealed, each for its own row. */
export const mailContext = (id: string) => `mail:${id}`

export function createMailer(deps: {
  keyring: Keyring
  /** ms since the epoch */
  clock: () => number
  /** origin that links begin with */
  origin: string
  mode: 'sandbox' | 'production'
  /** whether there is a mail server */
  leaves: boolean
}): Mailer {
  const { keyring, clock, origin, leaves } = deps
  return {
    // Without a mail server only the sandbox's outbox page shows what was written.
    enabled: leaves || deps.mode === 'sandbox',
    leaves,
    url: (path) => new URL(path, origin).href,
    async write(sql, { to, language, template, values, expiresAt }) {
      const id = uuidV7(clock())
      const mail: Mail = { to, ...renderMail(language, template, values) }
      await insertMail(sql, {
        id,
        sealed: keyring.seal(JSON.stringify(mail), mailContext(id)),
        expires_at: expiresAt,
      })
      return id
    },
  }
}
