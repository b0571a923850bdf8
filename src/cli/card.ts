import { createCardHasher } from '../credentials/card-codes.ts'
import { findServerKey } from '../credentials/server-key.ts'
import { setCardBlocked } from '../operations/gift-cards/block-card.ts'
import { findCardByCode, requireCard } from '../operations/gift-cards/find-card-by-code.ts'
import { revealCard } from '../operations/gift-cards/reveal-card.ts'
import { takeBackOrder } from '../operations/gift-cards/take-back-order.ts'
import { cardView, secretsView } from '../operations/gift-cards/views.ts'
import { OperationRefusal } from '../operations/input.ts'
import { readArguments, requireOption, requirePositionals, runVerb } from './arguments.ts'
import { withAssembly } from './assembly.ts'
import { PlainError } from './command.ts'
import { readSecretText } from './input.ts'
import { printRecord, remark } from './output.ts'
import { actorName, plainly } from './plainly.ts'
import { withDatabase } from './with-database.ts'

export const run = (args: string[]) =>
  runVerb(
    {
      find,
      show,
      block: (rest) => setBlocked(rest, 'blocked'),
      unblock: (rest) => setBlocked(rest, 'active'),
      cancel,
      reveal,
    },
    args,
  )

async function find(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { 'code-file': 'string', json: 'boolean' })
  requirePositionals(positionals)
  const code = (await readSecretText('card’s code', options['code-file'], 'BILLFOLD_CARD_CODE')).trim()
  await withDatabase('reads', async ({ db, keyring }) => {
    const key = await findServerKey({ db, keyring: await keyring() }, 'card-key')
    if (!key) throw new PlainError('no server has run on this database, so there are no cards')
    printRecord(options.json, cardView(await findCardByCode({ db, cardHasher: createCardHasher(key) }, code)))
  })
  return 0
}

async function show(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'CARD')
  await withDatabase('reads', async ({ db }) => printRecord(options.json, cardView(await requireCard(db, id))))
  return 0
}

async function setBlocked(args: string[], to: 'active' | 'blocked'): Promise<number> {
  const { options, positionals } = readArguments(args, { reason: 'string', json: 'boolean' })
  const [cardId = ''] = requirePositionals(positionals, 'CARD')
  await plainly(() =>
    withAssembly(async ({ gift, db }) => {
      await setCardBlocked(gift, actorName(), { cardId, to, reason: options.reason ?? null })
      printRecord(options.json, cardView(await requireCard(db, cardId)))
    }),
  )
  return 0
}

async function cancel(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [id = ''] = requirePositionals(positionals, 'CARD')
  await plainly(() =>
    withAssembly(async ({ gift, db }) => {
      const card = await requireCard(db, id)
      if (card.order_id === null) throw new OperationRefusal('conflict', 'card', 'the card belongs to no order')
      await takeBackOrder(gift, card.order_id)
      printRecord(options.json, cardView(await requireCard(db, id)))
    }),
  )
  return 0
}

async function reveal(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { reason: 'string', json: 'boolean' })
  const [cardId = ''] = requirePositionals(positionals, 'CARD')
  const reason = requireOption('reason', options.reason)
  await withDatabase('writes', async ({ db, clock, keyring }) => {
    const deps = { db, clock, keyring: await keyring() }
    printRecord(options.json, secretsView(await revealCard(deps, actorName(), { cardId, reason })))
  })
  remark('this look was written down')
  return 0
}
