import { createSend } from '../protocol/http.ts'
import { createRestCaller, pathSegment, type RestProof, readErrorMember, tokenOf } from '../protocol/rest-call.ts'
import { anything, record } from '../protocol/shape.ts'
import { createTokenCache } from '../protocol/token-cache.ts'
import { PledgError } from './error.ts'
import { readPledgRedirect } from './redirect.ts'
import * as shapes from './shapes.ts'
import { importPledgKey, type PledgRequest, pledgSignedUrl, signPledgRequest } from './signing.ts'
import type { Pledg, PledgOptions, PledgSignOptions } from './types.ts'
import { verifyPledgNotification } from './verification.ts'
import type { PledgLinkSettings, PledgParameters } from './wire.ts'

/**
 * A client of Pledg's API, the vendor's or a Billfold's. Keep it on a server: whoever has its secrets gives money back, and signs
 * in the merchant's name. What a method lacks of the options, it asks for by a `TypeError`.
 */
export function createPledg(options: PledgOptions): Pledg {
  const base = options.url.replace(/\/+$/, '')
  const front = options.frontUrl ?? options.url
  const clock = options.clock ?? Date.now
  const { merchantSecret } = options
  const call = createRestCaller({
    send: createSend({ fetch: options.fetch, timeout: options.timeout ?? 30_000 }),
    policy: {
      repeat: { times: 2, delay: 200, ...options.retry },
      comeBack: { first: 1_000, next: 5_000, patience: 60_000, ...options.comeBack },
    },
    fail: (code, message, facts) => new PledgError(code, message, facts),
    readRefusal: readErrorMember,
  })
  const proof = proofOf(options.credentials)
  let imported: Promise<CryptoKey> | undefined

  function proofOf(credentials: PledgOptions['credentials']): RestProof | null {
    if (credentials === undefined) return null
    if ('email' in credentials) return { headers: basic(credentials.email, credentials.password) }
    const headers = basic(credentials.key, credentials.secret)
    const tokens = createTokenCache(async () => {
      const askedAt = clock()
      const answer = await call({
        method: 'POST',
        url: `${base}/api/token`,
        proof: { headers },
        body: { form: new URLSearchParams({ grant_type: 'client_credentials' }) },
        shape: shapes.tokenAnswer,
        again: 'same',
      })
      return tokenOf(answer, askedAt)
    }, clock)
    return { tokens }
  }

  function requireProof(): RestProof {
    if (proof === null) throw new TypeError('There are no credentials to ask with')
    return proof
  }

  function requireSecret(): string {
    if (merchantSecret === undefined) throw new TypeError('There is no merchantSecret')
    return merchantSecret
  }

  async function sign(data: PledgParameters, { expiresIn }: PledgSignOptions, settings?: PledgLinkSettings) {
    requireCents(data.amountCents)
    imported ??= importPledgKey(requireSecret())
    const request: PledgRequest = { data }
    if (settings !== undefined) request.purchase_link_settings = settings
    if (expiresIn !== undefined) request.exp = Math.floor(clock() / 1000) + expiresIn
    return signPledgRequest(request, await imported)
  }

  const change = (path: string, body: object, signal: AbortSignal | undefined, idempotencyKey?: string) =>
    call({
      method: 'POST',
      url: `${base}/api/purchases/${path}`,
      proof: requireProof(),
      body,
      shape: record(anything),
      again: idempotencyKey === undefined ? 'another' : 'same',
      ...(idempotencyKey !== undefined && { headers: { 'idempotency-key': idempotencyKey } }),
      signal,
    })

  const unsigned = { proof: { headers: {} } } as const

  return {
    async purchaseLink(data, { settings, signal, ...signing } = {}) {
      const url = pledgSignedUrl(base, 'purchaseLink', await sign(data, signing, settings))
      const sends = settings?.send_email === true || settings?.send_sms === true
      const again = sends ? 'another' : 'same'
      return call({ ...unsigned, method: 'POST', url, shape: shapes.purchaseLink, again, signal })
    },
    async paymentByTransfer(data, { signal, ...signing } = {}) {
      const url = pledgSignedUrl(base, 'paymentByTransfer', await sign(data, signing))
      return call({ ...unsigned, method: 'POST', url, shape: shapes.purchase, again: 'another', signal })
    },
    purchaseUrl: async (data, signing = {}) => pledgSignedUrl(front, 'purchase', await sign(data, signing)),
    paymentSolutionsUrl: async (data, signing = {}) =>
      pledgSignedUrl(front, 'paymentSolutions', await sign(data, signing)),
    async purchase(merchantUid, purchaseUid, { signal } = {}) {
      const url = `${base}/api/merchants/${pathSegment(merchantUid)}/purchases/${pathSegment(purchaseUid)}`
      return call({ method: 'GET', url, proof: requireProof(), shape: shapes.purchase, again: 'none', signal })
    },
    async capture(purchaseUid, part = {}, { signal } = {}) {
      if (part.amount_cents !== undefined) requireCents(part.amount_cents)
      return change(`${pathSegment(purchaseUid)}/capture`, part, signal)
    },
    async credit(purchaseUid, { amount_cents }, { signal, idempotencyKey } = {}) {
      requireCents(amount_cents)
      if (idempotencyKey !== undefined && !/^[!-~]{1,128}$/.test(idempotencyKey)) {
        throw new TypeError('An idempotency key is 1 to 128 visible ASCII characters')
      }
      return change(`${pathSegment(purchaseUid)}/credit_by_transfer`, { amount_cents }, signal, idempotencyKey)
    },
    release: async (purchaseUid, { signal } = {}) => change(`${pathSegment(purchaseUid)}/release`, {}, signal),
    async simulate({ amount_cents, created, second_installment_date, ...whose }, { signal } = {}) {
      requireCents(amount_cents)
      const body = { amount_cents, created, ...(second_installment_date !== undefined && { second_installment_date }) }
      const path =
        'merchantUid' in whose
          ? `merchants/${pathSegment(whose.merchantUid)}`
          : `companies/${pathSegment(whose.companyUid)}`
      const url = `${base}/api/users/me/${path}/simulate_payment_schedule`
      const request = { ...unsigned, method: 'POST', url, body, again: 'none', signal } as const
      if ('merchantUid' in whose) return [await call({ ...request, shape: shapes.schedule })]
      return (await call({ ...request, shape: shapes.schedules })).items
    },
    verifyNotification: async (body) => verifyPledgNotification(body, requireSecret()),
    readRedirect: async (url) => readPledgRedirect(url, merchantSecret ?? null),
  }
}

function requireCents(amount: number): void {
  if (!Number.isSafeInteger(amount) || amount <= 0)
    throw new TypeError('An amount is a positive integer of minor units')
}

/** RFC 7617: the first colon ends the name. Throws a `TypeError` for a name with one. */
function basic(name: string, secret: string): Record<string, string> {
  if (name.includes(':')) throw new TypeError('A key or an e-mail address must not hold a colon')
  let binary = ''
  for (const byte of new TextEncoder().encode(`${name}:${secret}`)) binary += String.fromCharCode(byte)
  return { authorization: `Basic ${btoa(binary)}` }
}
