import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createParty } from '../../../src/operations/create-party.ts'
import { type CreateBrandInput, createBrand } from '../../../src/operations/gift-cards/create-brand.ts'
import { createPartner, openFloat } from '../../../src/operations/gift-cards/create-partner.ts'
import { fundFloat } from '../../../src/operations/gift-cards/fund-float.ts'
import { cancelVoucher } from '../../../src/operations/jackpot/cancel-voucher.ts'
import { confirmVoucher } from '../../../src/operations/jackpot/confirm-voucher.ts'
import { createJackpotAccount, requireJackpotAccount } from '../../../src/operations/jackpot/jackpot-account.ts'
import { createOffer, type OfferInput } from '../../../src/operations/jackpot/offers.ts'
import { findJackpotCaller, openSession } from '../../../src/operations/jackpot/open-session.ts'
import { findVoucher, listVouchers } from '../../../src/storage/vouchers.ts'
import { startWalletPages } from '../wallet/harness.ts'

/** A whole server with the sandbox in it, and a partner whose people choose vouchers. */
export async function startEmbedPages({ domains = ['127.0.0.1:*', '*.shop.example'] } = {}) {
  const server = await startWalletPages()
  const { assembly, db } = server
  const party = await createParty(assembly, { kind: 'business', name: 'Winnings Ltd' })
  const partner = await createPartner(assembly, { partyId: party.id, slug: 'winnings' })
  await openFloat(assembly, 'test', partner, { currency: 'EUR' })
  const fund = (amount: string) =>
    fundFloat(assembly, 'test', { partner: 'winnings', currency: 'EUR', source: 'bank:gateway:EUR', amount })
  await fund('10000.00')
  const secrets = await db.transaction((sql) =>
    createJackpotAccount({ ...assembly, db: sql }, { partner: 'winnings', currency: 'EUR', allowedDomains: domains }),
  )
  let keys = 0

  const pages = {
    ...server,
    partner,
    secrets,
    fund,
    async brand(input: Partial<CreateBrandInput> & { slug: string }, ...offers: Omit<OfferInput, 'brand'>[]) {
      const brand = await createBrand(assembly, 'test', {
        name: 'Meubles & Cie',
        partyId: party.id,
        currency: 'EUR',
        values: { type: 'range', min: 500n, max: 50_000n, step: 1n },
        supply: 'own',
        validityDays: 365,
        codes: { jackpot: input.slug },
        ...input,
      })
      for (const offer of offers)
        await db.transaction((sql) => createOffer({ db: sql, clock: assembly.clock }, { ...offer, brand: brand.slug }))
      return brand
    },
    /** @returns the token of a session */
    async session(amount = 100, claims: { forceManualConfirm?: boolean } = {}): Promise<string> {
      const { account } = await requireJackpotAccount(db, 'winnings')
      const caller = await findJackpotCaller({ db }, { partner, credentialId: secrets.credentialId })
      assert.ok(caller && account)
      const notificationKey = `key-${keys++}`
      const iat = Math.floor(assembly.clock() / 1000)
      const signed = `e30.${Buffer.from(notificationKey).toString('base64url')}`
      const opened = await openSession(assembly, {
        caller,
        claims: { amount, iat, notificationKey, ...claims },
        signed,
      })
      assert.ok('token' in opened, JSON.stringify(opened))
      return opened.token
    },
    vouchers: () => listVouchers(db, { partnerId: partner.id, limit: 100 }),
    voucher: (id: string) => findVoucher(db, { id }),
    confirm: (voucherId: string) => confirmVoucher(assembly.gift, { voucherId, partner }),
    cancel: (voucherId: string) => cancelVoucher(assembly.gift, { voucherId, partner }),
  }
  return pages
}

export type EmbedPages = Awaited<ReturnType<typeof startEmbedPages>>

/** Somebody's page on this machine, under an origin of its own. @param html by path */
export async function startHost(html: (path: string) => string, headers: Record<string, string> = {}) {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers })
    response.end(html(request.url ?? '/'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
