import type { PurchaseRefusal } from '../../domain/purchase.ts'
import { defineMessages, type Language } from '../messages.ts'

/** `outcome-unknown`: it may have happened; the same form tells when it is sent again. */
export type FailureCode = PurchaseRefusal | 'ledger-unavailable' | 'outcome-unknown'

/** Where a form shows it. */
export type FailurePlace = 'plan' | 'wallet' | 'form'

type Reason =
  | 'over'
  | 'plan'
  | 'overdue'
  | 'wallet'
  | 'unit'
  | 'funds'
  | 'merchant'
  | 'financing'
  | 'part'
  | 'repeated'
  | 'busy'
  | 'refused'
  | 'unavailable'
  | 'unknown'

// Total: a new reason to refuse a purchase needs words here before this compiles.
const REASONS: Record<FailureCode, readonly [FailurePlace, Reason]> = {
  'reference-used': ['form', 'over'],
  'purchase-expired': ['form', 'over'],
  'purchase-ended': ['form', 'over'],
  'amount-out-of-range': ['form', 'refused'],
  'plan-not-offered': ['plan', 'plan'],
  overdue: ['plan', 'overdue'],
  'wallet-not-yours': ['wallet', 'wallet'],
  'wallet-not-usable': ['wallet', 'wallet'],
  'currency-differs': ['wallet', 'unit'],
  'insufficient-funds': ['wallet', 'funds'],
  'merchant-not-payable': ['form', 'merchant'],
  'financing-exhausted': ['plan', 'financing'],
  'not-authorized': ['form', 'over'],
  'authorization-over': ['form', 'over'],
  'capture-exceeds-authorization': ['form', 'refused'],
  'not-paid-out': ['form', 'refused'],
  'credit-exceeds-purchase': ['form', 'refused'],
  'merchant-funds': ['form', 'refused'],
  'part-not-open': ['form', 'part'],
  'key-conflict': ['form', 'repeated'],
  busy: ['form', 'busy'],
  refused: ['form', 'refused'],
  'ledger-unavailable': ['form', 'unavailable'],
  'outcome-unknown': ['form', 'unknown'],
}

const reasons = defineMessages<Reason>({
  en: {
    over: 'This was paid, cancelled, or left too long before. Nothing was paid this time.',
    plan: 'That is not offered for this purchase any more. Choose another way to pay.',
    overdue:
      'Parts of earlier purchases were due and are not paid. Pay those first, under Purchases, or pay all of it now.',
    wallet: 'This wallet cannot be used here. Choose another one.',
    unit: 'This wallet keeps another currency. Choose another one.',
    funds: 'There is not that much in the wallet. Choose another one, or another way to pay.',
    merchant: 'The shop cannot be paid at present. Nothing was paid.',
    financing: 'Paying later is not possible at present. Choose another way to pay.',
    part: 'This part was paid or cancelled before.',
    repeated: 'This form was sent before with other content. Nothing was paid this time.',
    busy: 'This purchase is being changed just now. Send the form again in a moment.',
    refused: 'The books refuse this. Nothing was paid.',
    unavailable: 'The books cannot be reached right now. Nothing was paid; send the form again in a moment.',
    unknown: 'We could not learn whether this went through. Send this same form again: it can happen only once.',
  },
  fr: {
    over: 'Ceci a déjà été payé ou annulé, ou a trop attendu. Rien n’a été payé cette fois.',
    plan: 'Ce n’est plus proposé pour cet achat. Choisissez une autre façon de payer.',
    overdue:
      'Des échéances d’achats précédents sont impayées. Payez-les d’abord, sous Achats, ou payez tout maintenant.',
    wallet: 'Ce portefeuille ne peut pas servir ici. Choisissez-en un autre.',
    unit: 'Ce portefeuille est dans une autre monnaie. Choisissez-en un autre.',
    funds: 'Il n’y a pas autant dans le portefeuille. Choisissez-en un autre, ou une autre façon de payer.',
    merchant: 'Le marchand ne peut pas être payé pour l’instant. Rien n’a été payé.',
    financing: 'Payer plus tard n’est pas possible pour l’instant. Choisissez une autre façon de payer.',
    part: 'Cette échéance a déjà été payée ou annulée.',
    repeated: 'Ce formulaire a déjà été envoyé avec un autre contenu. Rien n’a été payé cette fois.',
    busy: 'Cet achat est en cours de changement. Renvoyez le formulaire dans un instant.',
    refused: 'Les comptes refusent cette opération. Rien n’a été payé.',
    unavailable: 'Les comptes sont injoignables pour le moment. Rien n’a été payé ; renvoyez dans un instant.',
    unknown:
      'Impossible de savoir si l’opération a abouti. Renvoyez ce même formulaire : elle ne peut avoir lieu qu’une fois.',
  },
})

/** Why it did not happen, in words, and where to show them. */
export function explainRefusal(code: FailureCode, language: Language): { place: FailurePlace; text: string } {
  const [place, reason] = REASONS[code]
  return { place, text: reasons(language, reason) }
}
