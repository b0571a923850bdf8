import { ConfigError } from '../config.ts'
import { EngineError } from '../engine/engine-error.ts'
import { type Command, UsageError } from './command.ts'

/** Every command and where it is; the listing is the help page. */
const commands: Record<string, { summary: string; load: () => Promise<Command> }> = {
  start: {
    summary: 'run everything: PostgreSQL, migrations, the sandbox, the server',
    load: () => import('./start.ts'),
  },
  serve: { summary: 'run the server on DATABASE_URL', load: () => import('./serve.ts') },
  migrate: { summary: 'bring the schema up to date', load: () => import('./migrate.ts') },
  sandbox: { summary: 'show or reset the sandbox, put its due clock ahead', load: () => import('./sandbox.ts') },
  party: { summary: 'people and businesses', load: () => import('./party.ts') },
  wallet: { summary: 'open, show, list, limit, freeze, close wallets', load: () => import('./wallet.ts') },
  client: { summary: 'register OAuth clients, rotate their secrets', load: () => import('./client.ts') },
  partner: {
    summary: 'businesses that buy gift cards: credentials, floats, limits',
    load: () => import('./partner.ts'),
  },
  brand: { summary: 'whose gift cards are sold, and reports on them', load: () => import('./brand.ts') },
  jackpot: { summary: 'partners of Jackpot, offers, vouchers', load: () => import('./jackpot.ts') },
  stock: { summary: 'upload codes, see what is left', load: () => import('./stock.ts') },
  order: { summary: 'list, show, resend, cancel orders of cards', load: () => import('./order.ts') },
  card: { summary: 'find, block, cancel, reveal gift cards', load: () => import('./card.ts') },
  webhook: { summary: 'tell others what happens, see what became of it', load: () => import('./webhook.ts') },
  merchant: { summary: 'who sells by Pledg: plans, secrets, keys, purchases', load: () => import('./merchant.ts') },
  sign: { summary: 'make a signed envelope', load: () => import('./sign.ts') },
  verify: { summary: 'check a signed envelope', load: () => import('./verify.ts') },
  audit: { summary: 'replay the books and report every difference', load: () => import('./audit.ts') },
  export: { summary: 'write the books as hledger, CSV or JSON lines', load: () => import('./export.ts') },
}

async function main(argv: string[]): Promise<number> {
  const [name, ...args] = argv
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(helpPage())
    return name === undefined ? 2 : 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    process.stderr.write(`billfold: there is no command "${name}"\n\n${helpPage()}`)
    return 2
  }
  const { run, help } = await command.load()
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help)
    return 0
  }
  try {
    return await run(args)
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`billfold ${name}: ${error.message}\n\n${help}`)
      return 2
    }
    const plain = error instanceof ConfigError || error instanceof EngineError || (error as { plain?: boolean }).plain
    process.stderr.write(`billfold ${name}: ${plain ? (error as Error).message : ((error as Error).stack ?? error)}\n`)
    return 1
  }
}

function helpPage(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return `usage: billfold COMMAND [options]\n\n${lines.join('\n')}\n\n"billfold COMMAND --help" tells more.\n`
}

// Not process.exit(): what is still on its way to a pipe must arrive.
process.exitCode = await main(process.argv.slice(2))
