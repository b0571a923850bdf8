import { defineMessages, type Language } from '../messages.ts'
import type { FailureCode } from './attempt.ts'

/** Where a form shows it: beside one of its fields, or above it. */
export type FailurePlace = 'from' | 'to' | 'amount' | null

type Reason =
  | 'repeated'
  | 'same'
  | 'gone'
  | 'unit'
  | 'sourceClosed'
  | 'targetClosed'
  | 'frozen'
  | 'funds'
  | 'receiver'
  | 'range'
  | 'owed'
  | 'settled'
  | 'expired'
  | 'invoice'
  | 'token'
  | 'tokenOther'
  | 'tokenUsed'
  | 'tokenExpired'
  | 'tokenEarly'
  | 'lifetime'
  | 'refused'
  | 'unavailable'
  | 'unknown'

// Total: a new reason to refuse money needs words here before this compiles.
const REASONS: Record<FailureCode, readonly [FailurePlace, Reason]> = {
  'idempotency-conflict': [null, 'repeated'],
  'already-exists': [null, 'refused'],
  'effect-refused': [null, 'refused'],
  'same-account': ['to', 'same'],
  'account-exists': [null, 'refused'],
  'account-not-found': [null, 'gone'],
  'source-not-found': ['from', 'gone'],
  'target-not-found': ['to', 'gone'],
  'asset-mismatch': ['to', 'unit'],
  'account-closed': [null, 'gone'],
  'source-closed': ['from', 'sourceClosed'],
  'target-closed': ['to', 'targetClosed'],
  'source-frozen': ['from', 'frozen'],
  'hold-not-found': [null, 'refused'],
  'hold-ended': [null, 'refused'],
  'hold-expired': [null, 'refused'],
  'capture-exceeds-hold': [null, 'refused'],
  'unavailable-funds': ['amount', 'funds'],
  'unreceivable-funds': ['amount', 'receiver'],
  'amount-out-of-range': ['amount', 'range'],
  'limits-crossed': [null, 'refused'],
  'limit-broken': [null, 'refused'],
  'account-not-empty': [null, 'refused'],
  'wallet-kept': [null, 'owed'],
  'invoice-not-found': [null, 'invoice'],
  'invoice-payer-differs': [null, 'invoice'],
  'invoice-payee-differs': [null, 'invoice'],
  'invoice-amount-differs': [null, 'invoice'],
  'invoice-settled': [null, 'settled'],
  'invoice-expired': [null, 'expired'],
  'transaction-not-found': [null, 'refused'],
  'not-refundable': [null, 'refused'],
  'refund-target-differs': [null, 'refused'],
  'refund-exceeds-original': [null, 'refused'],
  'parent-missing': [null, 'refused'],
  'refill-policy-missing': [null, 'refused'],
  'refill-cap-exceeded': [null, 'refused'],
  'refill-cap-reached': [null, 'refused'],
  'token-invalid': [null, 'token'],
  'token-audience-differs': [null, 'tokenOther'],
  'token-terms-differ': [null, 'token'],
  'token-used': [null, 'tokenUsed'],
  'token-expired': [null, 'tokenExpired'],
  'token-not-active': [null, 'tokenEarly'],
  'token-lifetime-invalid': [null, 'lifetime'],
  'expiry-passed': [null, 'lifetime'],
  'ledger-unavailable': [null, 'unavailable'],
  'outcome-unknown': [null, 'unknown'],
}

const reasons = defineMessages<Reason>({
  en: {
    repeated:
      'This form was sent before with other content. Look into your history before you send it again; nothing was moved this time.',
    same: 'That is the wallet it comes from. Give another one.',
    gone: 'There is no such wallet.',
    unit: 'That wallet keeps another currency. Money cannot change currency on the way.',
    sourceClosed: 'This wallet is closed.',
    targetClosed: 'That wallet is closed and takes nothing any more.',
    frozen: 'This wallet is frozen and pays nothing for now.',
    funds: 'There is not that much in the wallet.',
    receiver: 'The receiver’s wallet has no room for that much. Send less, or ask them.',
    range: 'A balance would become larger than the books can hold.',
    owed: 'One of the two wallets is kept for gift cards. Only the operator moves its money.',
    settled: 'This invoice has been paid, declined or cancelled before.',
    expired: 'The time to pay this invoice is over. Ask for a new one.',
    invoice: 'This invoice is not yours to settle.',
    token: 'This is no handover of this server, or a part of it is missing. Ask for the whole link.',
    tokenOther: 'This was handed to somebody else.',
    tokenUsed: 'This has been accepted before, or was taken back.',
    tokenExpired: 'The time to accept this is over. Ask for a new one.',
    tokenEarly: 'This cannot be accepted yet.',
    lifetime: 'Choose a time between now and seven days from now.',
    refused: 'The books refuse this. Nothing was moved.',
    unavailable: 'The books cannot be reached right now. Nothing was moved; send it again in a moment.',
    unknown:
      'We could not learn whether this went through. Send this same form again: it can happen only once, and you are then shown how it ended.',
  },
  fr: {
    repeated:
      'Ce formulaire a déjà été envoyé avec un autre contenu. Consultez l’historique avant de le renvoyer\u00a0; rien n’a été déplacé cette fois.',
    same: 'C’est le portefeuille d’où part l’argent. Indiquez-en un autre.',
    gone: 'Ce portefeuille n’existe pas.',
    unit: 'Ce portefeuille est dans une autre monnaie. L’argent ne peut pas changer de monnaie en route.',
    sourceClosed: 'Ce portefeuille est fermé.',
    targetClosed: 'Ce portefeuille est fermé et ne reçoit plus rien.',
    frozen: 'Ce portefeuille est gelé et ne paie rien pour l’instant.',
    funds: 'Il n’y a pas autant dans le portefeuille.',
    receiver: 'Le portefeuille du destinataire n’a pas la place pour ce montant. Envoyez moins, ou demandez-lui.',
    range: 'Un solde deviendrait plus grand que les comptes ne peuvent contenir.',
    owed: 'L’un des deux portefeuilles est tenu pour les cartes cadeaux. Seul l’exploitant en déplace l’argent.',
    settled: 'Cette facture a déjà été payée, refusée ou annulée.',
    expired: 'Le délai de paiement de cette facture est passé. Demandez-en une nouvelle.',
    invoice: 'Cette facture n’est pas à régler par vous.',
    token: 'Ce n’est pas une remise de ce serveur, ou il en manque une partie. Demandez le lien entier.',
    tokenOther: 'Ceci a été remis à quelqu’un d’autre.',
    tokenUsed: 'Ceci a déjà été accepté, ou a été repris.',
    tokenExpired: 'Le délai pour accepter est passé. Demandez-en une nouvelle.',
    tokenEarly: 'Ceci ne peut pas encore être accepté.',
    lifetime: 'Choisissez un moment entre maintenant et dans sept jours.',
    refused: 'Les comptes refusent cette opération. Rien n’a été déplacé.',
    unavailable: 'Les comptes sont injoignables pour le moment. Rien n’a été déplacé\u00a0; renvoyez dans un instant.',
    unknown:
      'Impossible de savoir si l’opération a abouti. Renvoyez ce même formulaire\u00a0: elle ne peut avoir lieu qu’une fois, et son issue vous sera alors montrée.',
  },
})

/** Why it did not happen, in words, and where to show them. */
export function explainFailure(code: FailureCode, language: Language): { place: FailurePlace; text: string } {
  const [place, reason] = REASONS[code]
  return { place, text: reasons(language, reason) }
}
