import { type CommandEntry, PAGE } from './entry.ts'

const SETTINGS = '[--domain DOMAIN]… [--notify URL|none] [--confirmation manual|automatic] [--callback URL|none]'

export const jackpot: CommandEntry = {
  summary: 'partners of Jackpot, offers, vouchers',
  verbs: {
    open: {
      summary: 'lets a partner sell vouchers out of that float; its secrets are shown once',
      usage: `PARTNER --currency CODE [--circle NAME] ${SETTINGS}`,
      examples: [
        'billfold jackpot open acme --currency EUR --domain shop.example --notify https://shop.example/notifications',
      ],
    },
    show: { summary: 'shows its account', usage: 'PARTNER', examples: ['billfold jackpot show acme'] },
    change: {
      summary: 'changes its settings',
      usage: `PARTNER ${SETTINGS}`,
      examples: ['billfold jackpot change acme --confirmation automatic'],
    },
    secret: {
      summary: 'makes a new client secret; the old one ends',
      usage: 'PARTNER',
      examples: ['billfold jackpot secret acme'],
    },
    vouchers: {
      summary: 'lists its vouchers',
      usage: `PARTNER ${PAGE}`,
      examples: ['billfold jackpot vouchers acme'],
    },
    refund: {
      summary: 'decides, for the store, what a partner has asked for',
      usage: 'VOUCHER (--accept | --reject)',
      examples: ['billfold jackpot refund "$VOUCHER" --accept'],
    },
    offer: {
      summary: 'makes an offer of a brand',
      usage: 'BRAND --kind bonus|discount --rate PERCENT [--rounding minor|whole] [--funder brand|operator]',
      examples: ['billfold jackpot offer rio --kind bonus --rate 10'],
    },
    offers: { summary: 'lists the offers of a brand', usage: 'BRAND', examples: ['billfold jackpot offers rio'] },
    'end-offer': { summary: 'ends one', usage: 'BRAND OFFER', examples: ['billfold jackpot end-offer rio "$OFFER"'] },
  },
  about: `  --domain DOMAIN…                  who may frame the page of a session
  --notify URL|none                 where notifications go
  --confirmation manual|automatic
  --callback URL|none               deprecated

API key and signature are credentials: "billfold partner credential PARTNER --protocol jackpot" makes a second pair, and
"billfold partner revoke" ends the first.`,
}

export const merchant: CommandEntry = {
  summary: 'who sells by Pledg: plans, secrets, keys, purchases',
  verbs: {
    company: {
      summary: 'makes a company, of which merchants can be',
      usage: '--party PARTY --name NAME',
      examples: ['billfold merchant company --party "$PARTY" --name \'Río Group\''],
    },
    create: {
      summary: 'lets a party sell; the secret is shown once',
      usage:
        '--party PARTY --name NAME --wallet WALLET [--company COMPANY] [--financing WALLET] [--fees WALLET] [--plan PLAN]… ' +
        '[--manual-capture] [--unsigned] [--host HOST]… [--payment-url URL] [--error-url URL]',
      examples: [
        'billfold merchant create --party "$PARTY" --name \'Corner Café\' --wallet shop:corner-cafe:EUR \\\n' +
          '  --financing financing:pledg:EUR --plan now=now --plan 3x=instalments:3',
      ],
    },
    list: { summary: 'lists merchants', usage: PAGE, examples: ['billfold merchant list'] },
    show: { summary: 'shows one', usage: 'MERCHANT', examples: ['billfold merchant show "$MERCHANT"'] },
    disable: {
      summary: 'ends it for good: no new purchases; what people owe is still collected',
      usage: 'MERCHANT',
      examples: ['billfold merchant disable "$MERCHANT"'],
    },
    plan: {
      summary: 'adds a plan, or changes the one of its name',
      usage: 'MERCHANT PLAN',
      examples: ['billfold merchant plan "$MERCHANT" later=deferred:30'],
    },
    unplan: {
      summary: 'offers a plan no more',
      usage: 'MERCHANT NAME',
      examples: ['billfold merchant unplan "$MERCHANT" later'],
    },
    secret: {
      summary: 'makes a new secret, shown once; the one before ends at once',
      usage: 'MERCHANT',
      examples: ['billfold merchant secret "$MERCHANT"'],
    },
    key: {
      summary: 'makes an API key, of the merchant or of its whole company; its secret is shown once',
      usage: 'MERCHANT [--company]',
      examples: ['billfold merchant key "$MERCHANT"'],
    },
    keys: { summary: 'lists its API keys', usage: 'MERCHANT', examples: ['billfold merchant keys "$MERCHANT"'] },
    revoke: {
      summary: 'ends an API key',
      usage: 'MERCHANT KEY_ID',
      examples: ['billfold merchant revoke "$MERCHANT" "$KEY_ID"'],
    },
    purchases: {
      summary: 'lists its purchases, the latest first',
      usage: `MERCHANT ${PAGE}`,
      examples: ['billfold merchant purchases "$MERCHANT" --limit 20'],
    },
    purchase: {
      summary: 'shows one with its schedule and credits',
      usage: 'MERCHANT PURCHASE',
      examples: ['billfold merchant purchase "$MERCHANT" "$PURCHASE"'],
    },
  },
  about: `A MERCHANT is its mer_… or id. A PLAN is written name=kind, with what belongs to it: now=now, later=deferred:30 (days),
3x=instalments:3, and after a further colon a fee in hundredths of a percent: 3x=instalments:3:150.
What is paid later needs a wallet of the namespace "financing" that lends: its lower limit is how much.
"billfold wallet open financing:pledg:EUR --party PARTY --lower=-100000" opens one.`,
}

export const webhook: CommandEntry = {
  summary: 'tell others what happens, see what became of it',
  verbs: {
    create: {
      summary: 'makes an endpoint; its secret is shown once',
      usage: '--party PARTY --url URL --topic TOPIC… [--note TEXT]',
      examples: [
        'billfold webhook create --party "$PARTY" --url https://shop.example/hooks --topic \'wallet.*\' --topic invoice.paid',
      ],
    },
    list: {
      summary: 'lists endpoints',
      usage: `[--party PARTY] ${PAGE}`,
      examples: ['billfold webhook list --party "$PARTY"'],
    },
    show: { summary: 'shows one', usage: 'WEBHOOK', examples: ['billfold webhook show "$WEBHOOK"'] },
    change: {
      summary: 'changes its address, topics or note',
      usage: 'WEBHOOK [--url URL] [--topic TOPIC]… [--note TEXT]',
      examples: ['billfold webhook change "$WEBHOOK" --topic \'*\''],
    },
    disable: {
      summary: 'tells it nothing any more, and keeps nothing to be told later',
      usage: 'WEBHOOK',
      examples: ['billfold webhook disable "$WEBHOOK"'],
    },
    enable: { summary: 'tells it again', usage: 'WEBHOOK', examples: ['billfold webhook enable "$WEBHOOK"'] },
    rotate: {
      summary: 'makes a new secret; the old one is valid for a day beside it, or as long as said',
      usage: 'WEBHOOK [--overlap SECONDS]',
      examples: ['billfold webhook rotate "$WEBHOOK" --overlap 3600'],
    },
    delete: { summary: 'deletes it', usage: 'WEBHOOK', examples: ['billfold webhook delete "$WEBHOOK"'] },
    test: {
      summary: 'sends an event that stands for nothing',
      usage: 'WEBHOOK',
      examples: ['billfold webhook test "$WEBHOOK"'],
    },
    deliveries: {
      summary: 'lists what was sent, the latest first',
      usage: `[--receiver ID] [--status waiting|delivered|failed] ${PAGE}`,
      examples: ['billfold webhook deliveries --status failed'],
    },
    delivery: {
      summary: 'shows one with its attempts',
      usage: 'DELIVERY',
      examples: ['billfold webhook delivery "$DELIVERY"'],
    },
    replay: { summary: 'sends it again', usage: 'DELIVERY', examples: ['billfold webhook replay "$DELIVERY"'] },
    'replay-failed': {
      summary: 'sends again all that failed since a time',
      usage: 'WEBHOOK --since TIME',
      examples: ['billfold webhook replay-failed "$WEBHOOK" --since 2026-01-31T00:00:00Z'],
    },
  },
  about: `A TOPIC is a type of event, a family such as 'invoice.*', or '*'. A server sends; this command only writes down what is
wanted. "deliveries", "delivery" and "replay" are also about the notifications of partner protocols.`,
}
