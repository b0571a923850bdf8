import assert from 'node:assert/strict'
import { type PlacedOrder, placeOrder } from '../../../../src/operations/gift-cards/place-order.ts'
import { type Brand, findBrand } from '../../../../src/storage/brands.ts'
import { findPartner, type Partner } from '../../../../src/storage/partners.ts'
import type { Visitor } from '../../visitor.ts'
import { startConsole } from '../harness.ts'

/** The sandbox's partner with its team, an operator, and another business whose things must not be seen. */
export async function startShop() {
  const server = await startConsole()
  const { db, assembly } = server
  const partner = (await findPartner(db, { slug: 'sandbox' })) as Partner
  const operator = await server.visitor('operator')
  const owner = await server.visitor('owner', partner.partyId)
  const member = await server.visitor('member', partner.partyId)
  const viewer = await server.visitor('viewer', partner.partyId)
  // The sandbox's merchant: a business that is no partner.
  const stranger = await server.visitor('owner')

  return {
    ...server,
    partner,
    operator,
    owner,
    member,
    viewer,
    stranger,
    password: server.password('operator'),
    /** What an operator or a business did last, with what was kept of it. */
    async lastAct(): Promise<{ act: string; outcome: string; detail: Record<string, unknown> }> {
      const [row] = await db.query<{ act: string; outcome: string; detail: Record<string, unknown> }>(
        'select act, outcome, detail from console_act order by id desc limit 1',
      )
      assert.ok(row)
      return row
    },
    /** Sells a card to a partner. @param value minor units */
    async order(slug: string, value: bigint, requestId: string, more: object = {}): Promise<PlacedOrder> {
      const brand = (await findBrand(db, { slug })) as Brand
      const result = await placeOrder(assembly.gift, {
        partner,
        protocol: 'tillo',
        scope: 'tillo',
        requestId,
        operation: 'digital-issue',
        content: `${slug} ${value}`,
        brand,
        face: value,
        delivery: brand.delivery[0] ?? 'code',
        later: false,
        ...more,
      })
      assert.ok(!('refusal' in result), 'refusal' in result ? result.refusal : '')
      return result
    },
    /** Sends a form with a file and the operator's password, as a browser does: the file is the last. */
    async upload(
      visitor: Visitor,
      path: string,
      csv: string | null,
      more: { accept?: string; csrf?: string; type?: string; password?: string } = {},
    ) {
      const form = new FormData()
      for (const [name, value] of Object.entries(await visitor.hidden(path))) form.append(name, value)
      if (more.csrf !== undefined) form.set('csrf', more.csrf)
      form.append('password', more.password ?? server.password('operator'))
      form.append('file', new Blob([csv ?? ''], { type: 'text/csv' }), csv === null ? '' : 'codes.csv')
      const response = await fetch(server.url + path, {
        method: 'POST',
        body: form,
        redirect: 'manual',
        headers: {
          cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          accept: more.accept ?? 'text/html',
          origin: server.url,
          'sec-fetch-site': 'same-origin',
        },
      })
      return { status: response.status, location: response.headers.get('location'), text: await response.text() }
    },
  }
}

export type Shop = Awaited<ReturnType<typeof startShop>>

/** Columns of a download. */
export const linesOf = (csv: string): string[][] =>
  csv
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))

/** What a page shows once, in its order. */
export const secretsOf = (text: string): string[] =>
  [...text.matchAll(/<code class="secret"[^>]*>([^<]+)</g)].map(([, value]) => value as string)
