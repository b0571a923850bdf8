import assert from 'node:assert/strict'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { mailContext } from '../../../src/mail/mailer.ts'
import { createParty } from '../../../src/operations/create-party.ts'
import { createSignIn } from '../../../src/operations/create-sign-in.ts'
import { giveConsent } from '../../../src/operations/give-consent.ts'
import { erasePerson } from '../../../src/operations/people/erase-person.ts'
import { insertConsoleAct } from '../../../src/storage/console-acts.ts'
import { tellEvent } from '../../../src/storage/events.ts'
import { insertMail } from '../../../src/storage/mail-outbox.ts'
import { insertWebSession } from '../../../src/storage/web-sessions.ts'
import { give, paymentTo } from '../../protocols/webwallet/money.ts'
import { createPledgWorld } from '../../support/pledg-world.ts'
import { listen } from '../webhooks/world.ts'

export const PASSWORD = 'correct horse battery staple 9'

/**
 * A person who left traces everywhere: payments with remarks, an invoice, a token, notifications, mails, acts, a gift card that was sent
 * to them, a purchase with address and birth date.
 */
export async function createTraces(
  number = '8305550199',
  email = 'ines.traceable@example.com',
  name = 'Inés Traceable',
) {
  const pledg = await createPledgWorld()
  const { server } = pledg
  const { db, assembly } = server
  const { id: partyId } = await createParty(assembly, { kind: 'person', name })
  const wallet = `us:${number}:USD`
  const euro = `us:${number}:EUR`
  await server.open(partyId, { id: wallet })
  await server.open(partyId, { id: euro })
  const { opaqueId } = (await assembly.directory.find(wallet)) as { opaqueId: string }
  await createSignIn(assembly, { partyId, email, password: PASSWORD, operator: false })

  const shop = await server.client([`desk:${number.slice(-4)}:USD`])
  const till = `desk:${number.slice(-4)}:USD`
  const ear = listen({ db, keyring: assembly.keyring })
  await ear.endpoint(shop.partyId, ['*'], 'https://127.0.0.1:9/x')
  await give(server, till, '100.00')
  await shop.done(
    `/${till}/payments`,
    paymentTo(wallet, '20.00', {
      description: `Refund for ${name}, ${email}`,
      metadata: { phone: Number(number), note: 'call her' },
    }),
    { 'idempotency-key': 'pay-ines' },
  )
  // Between others, about her.
  const [other] = server.sandbox.people
  const others = other?.wallets.find((id) => id.endsWith(':USD')) as string
  await shop.done(
    `/${till}/payments`,
    paymentTo(others, '1.00', { description: `on behalf of ${wallet} (${email})` }),
    {
      'idempotency-key': 'pay-other',
    },
  )
  // She pays it back: a server of hers is not there, so the shop is lent her token.
  const walletIds = [(await assembly.directory.find(wallet))?.id as bigint]
  const consent = await giveConsent(assembly, {
    clientId: shop.id,
    partyId,
    asked: ['payments'],
    scopes: ['payments'],
    walletIds,
    until: null,
  })
  await insertWebSession(db, {
    id: uuidV7(Date.now()),
    token_hash: Buffer.alloc(32, Number(number.slice(-2))),
    email,
    device: 'Firefox · Linux',
    address: '203.0.113.77',
  })
  await insertConsoleAct(db, {
    id: uuidV7(Date.now()),
    email: 'owner@shop.example',
    party_id: shop.partyId,
    role: 'owner',
    address: '203.0.113.9',
    act: 'wallet.freeze',
    object: `/console/wallets/${encodeURIComponent(wallet)}`,
  })
  await db.query(`update console_act set detail = $1 where object like '%${number}%'`, [
    JSON.stringify({ wallet, number: Number(number), email }),
  ])
  await db.transaction((sql) =>
    tellEvent(
      sql,
      {
        type: 'wallet.changed',
        object: `wallet:${wallet}`,
        parties: [shop.partyId],
        data: { wallet, opaque: opaqueId },
      },
      Date.now(),
    ),
  )
  await ear.tell()
  const mailId = uuidV7(Date.now())
  const mail = { to: email, subject: 'hello', text: name, html: name }
  await insertMail(db, {
    id: mailId,
    sealed: assembly.keyring.seal(JSON.stringify(mail), mailContext(mailId)),
    expires_at: null,
  })
  await db.query(
    `insert into velocity_rule (id, subject, period_seconds, max_count) values (gen_random_uuid(), 'recipient', 60, 3)`,
  )
  await db.query(
    `insert into velocity_use (rule_id, subject, period, count, amount, max_count, kind) select id, $1, 1, 1, 0, 3, 'recipient' from velocity_rule limit 1`,
    [email],
  )
  const merchant = await pledg.merchant()
  const link = await pledg.link(merchant, {
    email,
    firstName: name.split(' ')[0],
    lastName: name.split(' ')[1],
    phoneNumber: `+${number}`,
    birthDate: '1990-02-03',
  })

  return {
    ...pledg,
    partyId,
    wallet,
    euro,
    opaqueId,
    email,
    name,
    number,
    shop,
    till,
    consent,
    mailId,
    merchant,
    link,
    /** She spends what she has. */
    async empty() {
      const caller = server.token({
        clientId: shop.id,
        subject: partyId,
        wallets: new Set(walletIds),
        scopes: ['payments'],
      })
      const { createCaller } = await import('../../support/wallet-client.ts')
      const hers = createCaller(server.url, { ...shop, token: caller })
      await hers.done(`/${wallet}/payments`, paymentTo(till, '20.00', { description: 'here you are' }))
    },
    erase: (actor = 'operator:ops@example.com') => erasePerson(assembly, actor, { partyId }),
    /** Where in the database one of these texts stands: in any column of text, lists, JSON. */
    async findEverywhere(texts: readonly string[]): Promise<string[]> {
      const columns = await db.query<{ table: string; column: string }>(
        `select c.table_name as table, c.column_name as column from information_schema.columns c
         join information_schema.tables t using (table_schema, table_name)
         where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
           and c.udt_name in ('text', '_text', 'jsonb', 'json', 'varchar', 'bpchar', 'name')`,
      )
      assert.ok(columns.length > 200)
      const found: string[] = []
      for (const { table, column } of columns) {
        for (const text of texts) {
          const rows = await db.query(
            `select from "${table}" where position(lower($1) in lower("${column}"::text)) > 0`,
            [text],
          )
          if (rows.length > 0) found.push(`${table}.${column}: ${text}`)
        }
      }
      return found
    },
  }
}
