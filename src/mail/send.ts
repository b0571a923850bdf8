import nodemailer from 'nodemailer'
import type { Keyring } from '../credentials/keyring.ts'
import type { Database } from '../storage/database.ts'
import { claimDueMails, type DueMail, giveUpMails, markMailFailed, markMailSent } from '../storage/mail-outbox.ts'
import { type Mail, mailContext } from './mailer.ts'

export type MailSender = {
  /** Sends what is due. @returns how many left */
  send(signal?: AbortSignal): Promise<number>
  close(): void
}

/** Half a minute, a minute, … an hour: about half a day of attempts in all. */
const MOST_ATTEMPTS = 18
const AT_ONCE = 5

/**
 * Sends the outbox by SMTP, each mail at least once: one that was sent when its process died before noting it goes again, under the
 * same Message-ID.
 */
export function createMailSender(deps: {
  db: Database
  keyring: Keyring
  log: { error(fields: object, message: string): void }
  smtpUrl: string
  from: string | undefined
  origin: string
  mode: 'sandbox' | 'production'
}): MailSender {
  const { db, keyring, log, origin } = deps
  const host = new URL(origin).hostname
  const from = deps.from ?? `Billfold <no-reply@${host}>`
  const transport = nodemailer.createTransport({
    ...smtpOptions(deps.smtpUrl, deps.mode),
    pool: true,
    maxConnections: 2,
    disableFileAccess: true,
    disableUrlAccess: true,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
  })

  async function attempt({ id, sealed, attempts }: DueMail): Promise<boolean> {
    try {
      const mail: Mail = JSON.parse(keyring.open(sealed, mailContext(id)))
      await transport.sendMail({
        from,
        // As an object, so that an address is one recipient and never a list of them.
        to: { name: '', address: mail.to },
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        messageId: `<${id}@${host}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
    } catch (error) {
      const { code, responseCode } = error as { code?: string; responseCode?: number }
      // RFC 5321 section 4.2.1: 5yz says that the same will not be taken later either.
      const forGood = code === 'EENVELOPE' && responseCode !== undefined && responseCode >= 500
      const reason = [code ?? 'failed', responseCode].filter(Boolean).join(' ')
      await markMailFailed(db, id, reason, forGood || attempts >= MOST_ATTEMPTS)
      // Neither the address nor the server's words, which may repeat it.
      log.error({ mail: id, code, responseCode, attempts }, 'a mail could not be sent')
      return false
    }
    await markMailSent(db, id)
    return true
  }

  return {
    async send(signal) {
      let sent = 0
      await giveUpMails(db, MOST_ATTEMPTS)
      for (;;) {
        const due = await claimDueMails(db, AT_ONCE)
        const left = await Promise.all(due.map(attempt))
        sent += left.filter(Boolean).length
        if (due.length < AT_ONCE || signal?.aborted) return sent
      }
    },
    close: () => transport.close(),
  }
}

/**
 * What the URL says, with TLS required wherever a password would otherwise cross a network in the open; in production also for
 * mails, whose links open accounts.
 */
function smtpOptions(text: string, mode: 'sandbox' | 'production') {
  const url = new URL(text)
  const secure = url.protocol === 'smtps:'
  const user = decodeURIComponent(url.username)
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (secure ? 465 : 587)),
    secure,
    requireTLS: !secure && !local && (user !== '' || mode === 'production'),
    ...(user === '' ? {} : { auth: { user, pass: decodeURIComponent(url.password) } }),
  }
}
