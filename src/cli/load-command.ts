import type { Command } from './command.ts'
import type { CommandName } from './table/commands.ts'

/** Where each command is. Read when it is called: none waits for what another one needs. */
const modules: Readonly<Record<CommandName, () => Promise<Command>>> = {
  start: () => import('./start.ts'),
  serve: () => import('./serve.ts'),
  migrate: () => import('./migrate.ts'),
  key: () => import('./key.ts'),
  sandbox: () => import('./sandbox.ts'),
  party: () => import('./party.ts'),
  person: () => import('./person.ts'),
  wallet: () => import('./wallet.ts'),
  client: () => import('./client.ts'),
  partner: () => import('./partner.ts'),
  brand: () => import('./brand.ts'),
  jackpot: () => import('./jackpot.ts'),
  stock: () => import('./stock.ts'),
  order: () => import('./order.ts'),
  card: () => import('./card.ts'),
  merchant: () => import('./merchant.ts'),
  webhook: () => import('./webhook.ts'),
  sign: () => import('./sign.ts'),
  verify: () => import('./verify.ts'),
  openapi: () => import('./openapi.ts'),
  audit: () => import('./audit.ts'),
  export: () => import('./export.ts'),
  backup: () => import('./backup.ts'),
  restore: () => import('./restore.ts'),
  completion: () => import('./completion.ts'),
}

export const loadCommand = (name: CommandName): Promise<Command> => modules[name]()
