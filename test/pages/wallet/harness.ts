import assert from 'node:assert/strict'
import { giveConsent } from '../../../src/operations/give-consent.ts'
import { startSandboxServer } from '../../support/server.ts'
import { createVisitor, type Visitor } from '../visitor.ts'

export const ADA_USD = 'us:8301234567:USD'
export const ADA_EUR = 'be:412345678:EUR'
export const BEN_USD = 'us:8301234568:USD'
export const CARLA_USD = 'us:8301234569:USD'
export const CARLA_COP = 'co:3123456789:COP'
export const DAICHI_JPY = 'jp:01234567890:JPY'
export const SHOP_USD = 'shop:corner-cafe:USD'

/** A whole server with the sandbox in it, and the sandbox's people at their wallets' pages. */
export async function startWalletPages(options: { young?: boolean } = {}) {
  const server = await startSandboxServer(options)
  const person = (name: string) => {
    const found = server.sandbox.people.find(({ email }) => email.startsWith(`${name}@`))
    assert.ok(found, `the sandbox has no ${name}`)
    return found
  }
  return {
    ...server,
    person,

    /** A browser without a screen, signed in. */
    async visitor(name: string, headers: Record<string, string> = {}): Promise<Visitor> {
      const visitor = createVisitor(server.url, headers)
      const { email, password } = person(name)
      const answer = await visitor.submit('/sign-in', { email, password })
      assert.equal(answer.status, 303, answer.text)
      return visitor
    },
    stranger: (headers: Record<string, string> = {}) => createVisitor(server.url, headers),

    async partyOf(wallet: string): Promise<string> {
      const found = await server.assembly.directory.find(wallet)
      assert.ok(found, wallet)
      return found.partyId
    },

    /** Money from the gateway. */
    fund: (wallet: string, amount: string) =>
      server.gateway.done(`/${wallet}/funds`, {
        endpoint: 'funds',
        source: `bank:gateway:${wallet.split(':')[2]}`,
        target: wallet,
        amount,
        currency: wallet.split(':')[2],
        description: 'Top-up at the bank',
      }),

    /** An invoice of the café's. @returns its reference */
    async invoice(wallet: string, amount: string, more: Record<string, unknown> = {}): Promise<string> {
      const payload = { endpoint: 'invoices', target: wallet, amount, currency: wallet.split(':')[2], ...more }
      return (await server.merchant.done(`/${wallet}/invoices`, payload)).reference
    },

    /** Lets the café's application act for a wallet's owner. @returns the consent's id */
    async consent(wallet: string, scopes: string[] = ['balance', 'charges']): Promise<string> {
      const found = await server.assembly.directory.find(wallet)
      assert.ok(found, wallet)
      return giveConsent(server.assembly, {
        clientId: server.sandbox.clients.merchant.client_id,
        partyId: found.partyId,
        asked: scopes,
        scopes,
        walletIds: [found.id],
        until: null,
      })
    },
  }
}

export type WalletPages = Awaited<ReturnType<typeof startWalletPages>>
