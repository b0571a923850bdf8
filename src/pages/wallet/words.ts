import { defineMessages, type Language } from '../messages.ts'

/** Words that several of the wallet's pages use. */
export const words = defineMessages({
  en: {
    overview: 'Overview',
    wallets: 'Wallets',
    wallet: 'Wallet',
    send: 'Send',
    invoices: 'Invoices',
    purchases: 'Purchases',
    cards: 'Gift cards',
    handovers: 'Handovers',
    applications: 'Applications',
    section: 'Wallet pages',
    balance: 'Balance',
    available: 'Free to spend',
    unlimited: 'without limit',
    held: 'Held',
    credit: 'Credit line',
    ceiling: 'May hold up to',
    frozen: 'Frozen',
    closed: 'Closed',
    frozenText: 'This wallet is frozen: it receives, and pays nothing. Ask whoever runs this server.',
    closedText: 'This wallet is closed. Its history stays.',
    amount: 'Amount',
    from: 'From',
    to: 'To',
    description: 'Description',
    reference: 'Reference',
    when: 'When',
    status: 'State',
    until: 'Until',
    circle: 'of {circle}',
    yourWallet: 'your wallet',
    unknownHolder: 'a wallet that is not known here',
    cancel: 'Back, change nothing',
    older: 'Older',
    newest: 'Back to the newest',
    all: 'All',
    none: 'none',
    unavailable: 'The books cannot be reached right now. Nothing was moved. Try again in a moment.',
    unknown:
      'We could not learn whether this went through. Send this same page again: it can happen only once, and you will be shown how it ended.',
    notFoundTitle: 'Nothing is here',
    notFound: 'There is nothing of yours at this address.',
  },
  fr: {
    overview: 'Aperçu',
    wallets: 'Portefeuilles',
    wallet: 'Portefeuille',
    send: 'Envoyer',
    invoices: 'Factures',
    purchases: 'Achats',
    cards: 'Cartes cadeaux',
    handovers: 'Remises',
    applications: 'Applications',
    section: 'Pages du portefeuille',
    balance: 'Solde',
    available: 'Disponible',
    unlimited: 'sans limite',
    held: 'Réservé',
    credit: 'Ligne de crédit',
    ceiling: 'Contient au plus',
    frozen: 'Gelé',
    closed: 'Fermé',
    frozenText:
      'Ce portefeuille est gelé\u00a0: il reçoit, mais ne paie rien. Adressez-vous à la personne qui gère ce serveur.',
    closedText: 'Ce portefeuille est fermé. Son historique reste.',
    amount: 'Montant',
    from: 'De',
    to: 'À',
    description: 'Description',
    reference: 'Référence',
    when: 'Date',
    status: 'État',
    until: 'Jusqu’au',
    circle: 'de {circle}',
    yourWallet: 'votre portefeuille',
    unknownHolder: 'un portefeuille inconnu ici',
    cancel: 'Retour, ne rien changer',
    older: 'Plus anciens',
    newest: 'Retour aux plus récents',
    all: 'Tout',
    none: 'aucun',
    unavailable: 'Les comptes sont injoignables pour le moment. Rien n’a été déplacé. Réessayez dans un instant.',
    unknown:
      'Impossible de savoir si l’opération a abouti. Renvoyez cette même page\u00a0: elle ne peut avoir lieu qu’une fois, et son issue vous sera montrée.',
    notFoundTitle: 'Il n’y a rien ici',
    notFound: 'Rien de ce qui est à vous ne se trouve à cette adresse.',
  },
})

const kinds = defineMessages({
  en: {
    'funds:in': 'Money added',
    'funds:out': 'Money issued',
    'payments:in': 'Payment received',
    'payments:out': 'Payment sent',
    'charges:in': 'Charge collected',
    'charges:out': 'Charge',
    'refills:in': 'Refill received',
    'refills:out': 'Refill given',
    'refunds:in': 'Refund received',
    'refunds:out': 'Refund given',
    'other:in': 'Received',
    'other:out': 'Sent',
    funds: 'Money added',
    payments: 'Payments',
    charges: 'Charges',
    refills: 'Refills',
    refunds: 'Refunds',
  },
  fr: {
    'funds:in': 'Approvisionnement',
    'funds:out': 'Émission',
    'payments:in': 'Paiement reçu',
    'payments:out': 'Paiement envoyé',
    'charges:in': 'Prélèvement encaissé',
    'charges:out': 'Prélèvement',
    'refills:in': 'Recharge reçue',
    'refills:out': 'Recharge donnée',
    'refunds:in': 'Remboursement reçu',
    'refunds:out': 'Remboursement donné',
    'other:in': 'Reçu',
    'other:out': 'Envoyé',
    funds: 'Approvisionnements',
    payments: 'Paiements',
    charges: 'Prélèvements',
    refills: 'Recharges',
    refunds: 'Remboursements',
  },
})

/** The transactions that people meet, as the books name them. */
export const KINDS = ['payments', 'charges', 'funds', 'refunds', 'refills'] as const
export type Kind = (typeof KINDS)[number]

export const isKind = (text: string): text is Kind => (KINDS as readonly string[]).includes(text)

/** Several transactions of a kind. */
export const kindName = (language: Language, kind: Kind): string => kinds(language, kind)

/** One transaction, as it looks from the wallet whose amount this is. */
export function movementName(language: Language, kind: string, amount: bigint): string {
  return kinds(language, `${isKind(kind) ? kind : 'other'}:${amount < 0n ? 'out' : 'in'}`)
}
