import { ORDER_STATUSES } from '../../domain/gift-card.ts'
import { type CommandEntry, PAGE } from './entry.ts'

export const partner: CommandEntry = {
  summary: 'businesses that buy gift cards: credentials, floats, limits',
  verbs: {
    create: {
      summary: 'makes a party a partner',
      usage: '--party PARTY --slug SLUG [--live]',
      examples: ['billfold partner create --party "$PARTY" --slug acme'],
    },
    list: { summary: 'lists partners', usage: PAGE, examples: ['billfold partner list'] },
    show: { summary: 'shows one', usage: 'PARTNER', examples: ['billfold partner show acme'] },
    disable: {
      summary: 'ends it for good: none of its credentials opens anything',
      usage: 'PARTNER',
      examples: ['billfold partner disable acme'],
    },
    credential: {
      summary: 'makes a new credential; its secret is shown once',
      usage: 'PARTNER --protocol walleo|tillo|pledg|jackpot [--address BLOCK]…',
      examples: ['billfold partner credential acme --protocol tillo --address 192.0.2.7'],
    },
    credentials: {
      summary: 'lists its credentials',
      usage: `PARTNER ${PAGE}`,
      examples: ['billfold partner credentials acme'],
    },
    addresses: {
      summary: 'sets from where a credential may be used; from anywhere without any',
      usage: 'PARTNER CREDENTIAL [--address BLOCK]…',
      examples: ['billfold partner addresses acme "$CREDENTIAL" --address 192.0.2.0/24'],
    },
    revoke: {
      summary: 'ends a credential',
      usage: 'PARTNER CREDENTIAL',
      examples: ['billfold partner revoke acme "$CREDENTIAL"'],
    },
    float: {
      summary: 'opens a float, the wallet that its orders are paid from',
      usage: 'PARTNER --currency CODE [--circle NAME] [--lower AMOUNT|none] [--upper AMOUNT|none]',
      examples: ['billfold partner float acme --currency EUR'],
    },
    floats: { summary: 'lists its floats', usage: 'PARTNER', examples: ['billfold partner floats acme --json'] },
    fund: {
      summary: 'puts money into a float; repeated under its key, nothing more is moved',
      usage: 'PARTNER --currency CODE --from WALLET --amount AMOUNT [--circle NAME] [--description TEXT] [--key KEY]',
      examples: ['billfold partner fund acme --currency EUR --from bank:gateway:EUR --amount 2500 --key may-3'],
    },
    limit: {
      summary: 'sets how much may be bought in a period',
      usage:
        '--subject partner|card|recipient|address --period SECONDS [--count N] [--amount AMOUNT --currency CODE [--circle NAME]] ' +
        '[--partner PARTNER] [--brand BRAND]',
      examples: [
        'billfold partner limit --partner acme --subject recipient --period 86400 --amount 500 --currency EUR',
      ],
    },
    limits: { summary: 'lists these limits', usage: PAGE, examples: ['billfold partner limits'] },
    unlimit: { summary: 'takes one away', usage: 'LIMIT_ID', examples: ['billfold partner unlimit "$LIMIT_ID"'] },
  },
  about: `A PARTNER is its slug or id. A BLOCK is an address or a network, such as 192.0.2.0/24. What is revoked or disabled ends
within 5 seconds in every server, and limits are known there as soon.`,
}

const VALUES = '[--value AMOUNT]… [--min AMOUNT --max AMOUNT --step AMOUNT]'
const TERMS =
  '[--discount PERCENT] [--discount-keeper partner|operator] [--validity-days N|none] [--delivery code|url|email]… ' +
  '[--barcode NAME] [--country CC]… [--category NAME]… [--asynchronous on|off] [--cancellable on|off] [--low-stock N] ' +
  '[--status enabled|paused|disabled] [--reason TEXT] [--code SCHEME=CODE]… [--texts-file FILE] [--upstream-file FILE]'

export const brand: CommandEntry = {
  summary: 'whose gift cards are sold, and reports on them',
  verbs: {
    create: {
      summary: 'opens a brand of a party',
      usage:
        '--slug SLUG --name NAME --party PARTY --currency CODE --supply own|stock|upstream [--circle NAME] ' +
        `${VALUES} ${TERMS}`,
      examples: [
        'billfold brand create --slug rio --name \'Café Río\' --party "$PARTY" --currency EUR --supply own \\\n' +
          '  --min 5 --max 500 --step 5 --discount 4.5 --code walleo=RIOFR --code tillo=rio',
      ],
    },
    list: { summary: 'lists brands', usage: PAGE, examples: ['billfold brand list'] },
    show: { summary: 'shows one', usage: 'BRAND', examples: ['billfold brand show rio'] },
    change: {
      summary: 'changes values or terms of what is sold from now on',
      usage: `BRAND [--name NAME] ${VALUES} ${TERMS}`,
      examples: ["billfold brand change rio --status paused --reason 'The vendor is down'"],
    },
    'report liability': {
      summary: 'reports what holders of cards can still spend',
      usage: '',
      examples: ['billfold brand report liability'],
    },
    'report breakage': {
      summary: 'reports what expired unspent',
      usage: '[--from TIME] [--to TIME]',
      examples: ['billfold brand report breakage --from 2026-01-01T00:00:00Z --json'],
    },
    'report sales': {
      summary: 'reports what was sold, by day',
      usage: '--from DAY --to DAY [--brand BRAND]',
      examples: ['billfold brand report sales --from 2026-05-01 --to 2026-05-31'],
    },
  },
  about: `A BRAND is its slug or id. Its values are fixed ones, ascending (--value again and again), or a range (--min, --max, --step).

  --code SCHEME=CODE      what walleo, tillo or jackpot call it; SCHEME= alone takes the code away
  --texts-file FILE       JSON; members that are null are taken away
  --upstream-file FILE    JSON: protocol, url, api_key and, for walleo, identifier, shared_key, code; for tillo, secret,
                          brand, sector`,
}

export const stock: CommandEntry = {
  summary: 'upload codes, see what is left',
  verbs: {
    import: {
      summary: 'adds the codes of a CSV file (- is standard input) and lists every line that was refused',
      usage: 'BRAND FILE [--name NAME] [--key KEY]',
      examples: [
        'billfold stock import rio codes.csv --key may-delivery',
        'zcat codes.csv.gz | billfold stock import rio - --name codes.csv --json > report.json',
      ],
    },
    show: { summary: 'shows what is left of each value', usage: 'BRAND', examples: ['billfold stock show rio'] },
    imports: {
      summary: 'lists the imports of a brand',
      usage: `BRAND ${PAGE}`,
      examples: ['billfold stock imports rio'],
    },
    refusals: {
      summary: 'lists the lines that an import refused; the cursor is a line',
      usage: `BRAND IMPORT ${PAGE}`,
      examples: ['billfold stock refusals rio "$IMPORT" --limit 100'],
    },
    notices: {
      summary: 'lists values that ran low',
      usage: `[--brand BRAND] ${PAGE}`,
      examples: ['billfold stock notices --brand rio'],
    },
  },
  about: `The header row names the columns in any order: code, pin, value, expires_on, serial, url; value and one of code and url
are needed. Of a code nothing is shown but its end. An import that was cut off goes on when it is run again under its
key. Its exit status is 1 where lines were refused.`,
}

export const order: CommandEntry = {
  summary: 'list, show, resend, cancel orders of cards',
  verbs: {
    list: {
      summary: 'lists orders, the latest first',
      usage:
        `[--partner PARTNER] [--brand BRAND] [--status ${ORDER_STATUSES.join('|')}] [--request REQUEST_ID] ` +
        `[--from TIME] [--to TIME] ${PAGE}`,
      examples: ['billfold order list --partner acme --status failed'],
    },
    show: {
      summary: 'shows one with its card and what happened to both',
      usage: 'ORDER',
      examples: ['billfold order show 0197b6a0-0000-7000-8000-000000000000'],
    },
    resend: { summary: 'sends its mail again', usage: 'ORDER', examples: ['billfold order resend "$ORDER"'] },
    cancel: {
      summary: 'pays its price back to the float; its card must be unspent, and ends',
      usage: 'ORDER',
      examples: ['billfold order cancel "$ORDER"'],
    },
  },
  about: 'TIME reads 2026-01-31T23:59:59Z.',
}

export const card: CommandEntry = {
  summary: 'find, block, cancel, reveal gift cards',
  verbs: {
    find: {
      summary: 'finds one by its code, which comes from the file (- is standard input), or from BILLFOLD_CARD_CODE',
      usage: '[--code-file FILE]',
      examples: ['BILLFOLD_CARD_CODE=N3ZK8Q2M4T7VW1XA9B5C billfold card find'],
    },
    show: { summary: 'shows one, with its code masked', usage: 'CARD', examples: ['billfold card show "$CARD"'] },
    block: {
      summary: 'lets nothing be spent of it',
      usage: 'CARD [--reason TEXT]',
      examples: ["billfold card block 0197b6a0-0000-7000-8000-000000000000 --reason 'Reported stolen'"],
    },
    unblock: {
      summary: 'lets it be spent again',
      usage: 'CARD [--reason TEXT]',
      examples: ['billfold card unblock "$CARD"'],
    },
    cancel: {
      summary: 'ends it and pays its price back to the float; it must be unspent',
      usage: 'CARD',
      examples: ['billfold card cancel "$CARD"'],
    },
    reveal: {
      summary: 'shows code and PIN; who looked and why is kept with the card',
      usage: 'CARD --reason TEXT',
      examples: ['billfold card reveal "$CARD" --reason \'The mail was lost\''],
    },
  },
}
