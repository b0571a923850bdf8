import assert from 'node:assert/strict'
import { giveConsent } from '../../../src/operations/give-consent.ts'
import type { Visitor } from '../visitor.ts'
import { type Console, startConsole } from './harness.ts'

/** A console with a second business, and what the tests of its parts look at. */
export async function startAccess() {
  const server = await startConsole()
  const elsewhere = await server.party('Somebody else')
  const stranger = await server.visitor('owner', elsewhere)
  return {
    ...server,
    elsewhere,
    /** owner of another business */
    stranger,
    /** The last act of a name, as the log of acts has it. */
    async lastAct(act: string) {
      const [row] = await server.db.query<{
        outcome: string
        object: string
        detail: Record<string, unknown>
        email: string
      }>('select outcome, object, detail, email from console_act where act = $1 order by id desc limit 1', [act])
      assert.ok(row, `no act ${act}`)
      return row
    },
    /** Sends the form of a dangerous act, first with a wrong password, which must change nothing. */
    async dare(visitor: Visitor, path: string, password: string, fields: Record<string, string> = {}) {
      const wrong = await visitor.submit(`/console${path}`, { ...fields, password: 'not it' })
      assert.equal(wrong.status, 422, wrong.text)
      assert.match(wrong.text, /That is not your password/)
      return visitor.submit(`/console${path}`, { ...fields, password })
    },
    /** A person of the sandbox allows a client something. */
    async consent(clientId: string) {
      const [person] = server.sandbox.people
      assert.ok(person)
      const wallet = await server.assembly.directory.find(person.wallets[0] as string)
      assert.ok(wallet)
      const scopes = ['balance', 'payments']
      const given = { clientId, partyId: wallet.partyId, asked: scopes, scopes, walletIds: [wallet.id], until: null }
      return { id: await giveConsent(server.assembly, given), email: person.email, wallet, partyId: wallet.partyId }
    },
    /** Every one of these is not there for the owner of another business. */
    async hidden(paths: readonly string[]) {
      for (const path of paths) {
        const { status } = await stranger.get(`/console${path}`)
        assert.equal(status, 404, `${path}: ${status}`)
      }
      const csrf = /name="csrf" value="([^"]+)"/.exec((await stranger.get('/account')).text)?.[1] ?? ''
      for (const path of paths) {
        const password = server.password('owner')
        const { status } = await stranger.post(`/console${path}`, { csrf, password })
        assert.equal(status, 404, `post ${path}: ${status}`)
      }
    },
  }
}

export type Access = Awaited<ReturnType<typeof startAccess>>
export type { Console }

/** Secrets on a page that shows them, in their order. */
export const secretsOn = (text: string): string[] =>
  [...text.matchAll(/<code class="secret"[^>]*>([^<]+)<\/code>/g)].map(([, value]) =>
    (value as string).replaceAll('&amp;', '&'),
  )

/** The page says what every holder of a secret has to know. */
export function assertWarned(text: string): void {
  for (const warning of [/Keep it private/, /Never in a front end/, /Never logged/, /HTTPS only/])
    assert.match(text, warning)
}
