import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Mail, mailContext } from '../../../src/mail/mailer.ts'
import { createParty } from '../../../src/operations/create-party.ts'
import { createSignIn } from '../../../src/operations/create-sign-in.ts'
import { mailNews } from '../../../src/operations/people/mail-news.ts'
import { updateWantedMails } from '../../../src/storage/wallet-news.ts'
import { give } from '../../protocols/webwallet/money.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'

describe('mails that people want', { timeout: 120_000 }, () => {
  let server: SandboxServer
  const email = 'nora@example.com'
  const wallet = 'us:8305551111:USD'
  before(async () => {
    server = await startSandboxServer()
    const { id: partyId } = await createParty(server.assembly, { kind: 'person', name: 'Nora' })
    await createSignIn(server.assembly, { partyId, email, password: 'correct horse battery staple 3' })
    await server.open(partyId, { id: wallet })
    await give(server, wallet, '1.00')
  })
  after(async () => {
    await server.assertClean()
    await server.stop()
  })

  // Invoices are told once they are old enough to be committed for sure.
  const later = () => mailNews({ ...server.assembly, clock: () => Date.now() + 60_000 })
  const mails = async (): Promise<Mail[]> => {
    const rows = await server.db.query<{ id: string; sealed: Buffer }>(
      'select id, sealed from mail_outbox where sealed is not null order by id',
    )
    return rows
      .map(({ id, sealed }) => JSON.parse(server.assembly.keyring.open(sealed, mailContext(id))) as Mail)
      .filter(({ to }) => to === email)
  }

  test('nobody is mailed who did not ask for it', async () => {
    await later()
    assert.deepEqual(await mails(), [])
  })

  test('what comes in after somebody asked is told once, together, by 16 servers at once', async () => {
    await updateWantedMails(server.db, email, ['money'])
    await later()
    await give(server, wallet, '12.50')
    await give(server, wallet, '0.50')
    await Promise.all(Array.from({ length: 16 }, later))
    const [mail, ...more] = await mails()
    assert.deepEqual(more, [])
    assert.match(mail?.text ?? '', /USD\s13\.00 came into us:8305551111:USD/)
    await later()
    assert.equal((await mails()).length, 1)
  })

  test('an invoice is told to who wants to hear of invoices', async () => {
    await updateWantedMails(server.db, email, ['invoices'])
    await mailNews({ ...server.assembly, clock: Date.now })
    await give(server, wallet, '5.00')
    const shop = await server.client(['desk:news:USD'])
    await shop.done(`/${wallet}/invoices`, {
      endpoint: 'invoices',
      target: wallet,
      amount: '7.25',
      currency: 'USD',
    })
    await later()
    const [, mail] = await mails()
    assert.match(mail?.text ?? '', /us:8305551111:USD was sent an invoice of USD\s7\.25/)
    assert.doesNotMatch(mail?.text ?? '', /5\.00/)
  })
})
