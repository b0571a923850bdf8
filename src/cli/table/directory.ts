import { ADMIN_SCOPES } from '../../credentials/admin-scopes.ts'
import { WALLET_SCOPES } from '../../credentials/scopes.ts'
import { type CommandEntry, PAGE } from './entry.ts'

const scopeList = (scopes: readonly string[]) => scopes.join(' ').replaceAll(/(.{80,100}) /g, '$1\n  ')

export const party: CommandEntry = {
  summary: 'people and businesses',
  verbs: {
    create: {
      summary: 'writes down a person or a business',
      usage: '--kind person|business --name NAME',
      examples: ["billfold party create --kind business --name 'Café Río'"],
    },
    list: { summary: 'lists them', usage: PAGE, examples: ['billfold party list --limit 20'] },
    show: { summary: 'shows one', usage: 'PARTY', examples: ['billfold party show "$PARTY"'] },
    'sign-in': {
      summary: 'lets a party sign in; the password comes from the file, or from BILLFOLD_PASSWORD',
      usage: 'PARTY --email ADDRESS [--operator] [--password-file FILE]',
      examples: [
        'BILLFOLD_PASSWORD=\'correct horse\' billfold party sign-in "$PARTY" --email ops@example.com --operator',
      ],
    },
    invite: {
      summary: 'mails a link by which someone chooses a password and signs in for the party',
      usage: 'PARTY --email ADDRESS [--language en|fr]',
      examples: ['billfold party invite "$PARTY" --email ana@example.com'],
    },
    'reset-factors': {
      summary: 'takes the second factors of somebody away who has lost them, and ends their sessions',
      usage: '--email ADDRESS',
      examples: ['billfold party reset-factors --email ana@example.com'],
    },
    'api-key': {
      summary: 'makes a key of the admin API, with all scopes unless some are named; it is shown once',
      usage: 'PARTY --name NAME [--scope SCOPE]…',
      examples: ['billfold party api-key "$PARTY" --name \'Nightly report\' --scope wallets:read --scope ledger:read'],
    },
    'api-keys': { summary: 'lists the keys of the admin API', usage: PAGE, examples: ['billfold party api-keys'] },
    'revoke-api-key': {
      summary: 'ends a key of the admin API',
      usage: 'KEY_ID',
      examples: ['billfold party revoke-api-key "$KEY_ID"'],
    },
  },
  about: `The party of an API key must have a sign-in as an operator.

Scopes: ${scopeList(ADMIN_SCOPES)}`,
}

export const person: CommandEntry = {
  summary: 'hand out or erase what is known of a person',
  verbs: {
    export: {
      summary: 'writes everything of a person as one JSON document',
      usage: 'PARTY [--email ADDRESS] [--output FILE]',
      examples: ['billfold person export "$PARTY" --output person.json'],
    },
    erase: {
      summary: 'puts a pseudonym in the place of what tells who it is, everywhere and for good',
      usage: 'PARTY [--email ADDRESS] --yes',
      examples: ['billfold person erase "$PARTY" --yes'],
    },
  },
  about: `--email names one of the team where the party is a business. Nobody is erased who has money, cards or unpaid purchases
left: pay them out first. The books stay whole. docs/privacy.md says what becomes of what.`,
}

const LIMITS = '[--lower AMOUNT|none] [--upper AMOUNT|none]'

export const wallet: CommandEntry = {
  summary: 'open, show, list, limit, freeze, close wallets',
  verbs: {
    open: {
      summary: 'opens a wallet for a party',
      usage: `ID --party PARTY ${LIMITS} [--parent ID] [--circle NAME] [--exponent N]`,
      examples: ['billfold wallet open us:8301234567:USD --party "$PARTY" --upper 5000'],
    },
    list: {
      summary: 'lists wallets, of all or of one party',
      usage: `[--party PARTY] ${PAGE}`,
      examples: ['billfold wallet list --party "$PARTY"'],
    },
    show: {
      summary: 'shows one',
      usage: 'ID',
      examples: ['billfold wallet show us:8301234567:USD', 'billfold wallet show us:8301234567:USD --json'],
    },
    balance: {
      summary: 'shows what is in it, now or as of a moment',
      usage: 'ID [--at TIME]',
      examples: ['billfold wallet balance us:8301234567:USD --at 2026-01-31T23:59:59Z --json'],
    },
    statement: {
      summary: 'lists its entries, the latest first',
      usage: `ID ${PAGE}`,
      examples: ['billfold wallet statement us:8301234567:USD --limit 20'],
    },
    limit: {
      summary: 'sets what it may hold at least and at most',
      usage: `ID ${LIMITS}`,
      examples: ['billfold wallet limit us:8301234567:USD --lower=-250.00'],
    },
    parent: {
      summary: 'puts it below another wallet, or below none',
      usage: 'ID PARENT|none',
      examples: ['billfold wallet parent us:8301234568:USD us:8301234567:USD'],
    },
    refills: {
      summary: 'shows or sets what the wallet may draw from its parent',
      usage: 'ID [--per-refill AMOUNT --per-period AMOUNT --period LENGTH | --none]',
      examples: ['billfold wallet refills us:8301234568:USD --per-refill 25 --per-period 100 --period 1d'],
    },
    freeze: {
      summary: 'stops its payments; it still receives',
      usage: 'ID',
      examples: ['billfold wallet freeze us:8301234567:USD'],
    },
    unfreeze: {
      summary: 'lets it pay again',
      usage: 'ID',
      examples: ['billfold wallet unfreeze us:8301234567:USD'],
    },
    close: {
      summary: 'closes it for good; its balance must be zero',
      usage: 'ID',
      examples: ['billfold wallet close us:8301234567:USD'],
    },
  },
  about: `An ID is namespace:number:currency, or the opaque one. Amounts are in the wallet's currency; a limit below zero is
credit and is written with "=". A wallet holds anything from zero up unless limits are given. A currency outside ISO 4217
needs --exponent, its number of decimals, with the first wallet of its circle. TIME reads 2026-01-31T23:59:59Z. LENGTH is
a number with s, m, h or d; periods are counted from 1970-01-01T00:00:00Z, so that 1d is a day in UTC.`,
}

export const client: CommandEntry = {
  summary: 'register OAuth clients, rotate their secrets',
  verbs: {
    create: {
      summary: 'registers a client of a party; its secrets are shown once',
      usage: '--party PARTY --name NAME --scope SCOPE… [--id ID] [--public] [--redirect-uri URI]… [--implicit]',
      examples: ['billfold client create --party "$PARTY" --name Till --id till --scope balance --scope payments'],
    },
    change: {
      summary: 'sets where it may send people back to; addresses are given instead of all that there were',
      usage: 'ID [--redirect-uri URI]… [--implicit on|off]',
      examples: ['billfold client change till --redirect-uri https://till.example/callback'],
    },
    list: { summary: 'lists clients', usage: PAGE, examples: ['billfold client list'] },
    show: { summary: 'shows one', usage: 'ID', examples: ['billfold client show till'] },
    'rotate-secret': {
      summary: 'makes a new client secret, for the token endpoint',
      usage: 'ID',
      examples: ['billfold client rotate-secret till --json'],
    },
    'rotate-signing-secret': {
      summary: 'makes a new signing secret, for envelopes',
      usage: 'ID',
      examples: ['billfold client rotate-signing-secret till'],
    },
    disable: {
      summary: 'gives it no new tokens, and ends those that it has',
      usage: 'ID',
      examples: ['billfold client disable till'],
    },
  },
  about: `Secrets are shown once. What is rotated or disabled ends within 5 seconds in every server.

Scopes: ${scopeList(WALLET_SCOPES)}`,
}
