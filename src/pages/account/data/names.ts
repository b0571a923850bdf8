import type { Language } from '../../messages.ts'

/** What the parts of a person's data are called in French; in English they are called by their names, with blanks. */
const FRENCH: Readonly<Record<string, string>> = Object.fromEntries(
  `party=vous|sign ins=connexions|sessions=sessions|second factors=seconds facteurs|wallets=portefeuilles|consents=autorisations
   invoices=factures|transaction tokens=jetons de transaction|refill policies=règles de recharge|gift cards=cartes cadeaux
   applications=applications|api keys=clés d’API|webhooks=webhooks|console acts=actes dans la console|purchases=achats|mails=messages
   transactions=mouvements|id=identifiant|kind=genre|name=nom|created at=depuis|email=e-mail|operator=exploitant|role=rôle
   language=langue|email verified at=adresse confirmée|wanted mails=messages voulus|device=appareil|address=adresse
   seen at=dernier usage|expires at=expiration|used at=dernier usage|last used at=dernier usage|wallet=portefeuille
   opaque id=identifiant opaque|parent=parent|circle=cercle|balance=solde|held=réservé|lower=plancher|upper=plafond|status=état
   opened at=ouverture|application=application|scopes=droits|granted at=accordé|revoked at=retiré|invoice=facture|issuer=émetteur
   debtor=débiteur|amount=montant|currency=monnaie|settled at=réglée|remarks=remarques|token=jeton|endpoint=usage|issued at=émission
   ended at=fin|version=version|per refill=par recharge|per period=par période|period seconds=période en secondes|card=carte
   brand=marque|value=valeur|code=code|redirect uris=adresses de retour|disabled at=désactivé|url=adresse|topics=événements
   note=note|at=quand|act=acte|object=sur quoi|outcome=résultat|purchase=achat|merchant=marchand|reference=référence|title=objet
   state=état|plan=formule|decided at=décision|credited=crédité|parts=échéances|said of you=dit de vous|to=à|subject=sujet
   entry=numéro|counterparty=contrepartie`
    .split(/[|\n]/)
    .map((pair) => pair.trim().split('=') as [string, string]),
)

const FRENCH_VALUES: Readonly<Record<string, string>> = {
  person: 'personne',
  business: 'entreprise',
  owner: 'titulaire',
  member: 'membre',
  viewer: 'lecteur',
  open: 'ouvert',
  frozen: 'gelé',
  closed: 'clos',
  paid: 'payée',
  declined: 'refusée',
  cancelled: 'annulée',
  used: 'utilisé',
  revoked: 'retiré',
  passkey: 'clé d’accès',
  'authenticator app': 'application d’authentification',
  'application password': 'mot de passe d’application',
  'recovery code': 'code de secours',
}

/** A word of ours in the reader's language; any other text as it is. */
export const valueName = (language: Language, value: string): string =>
  (language === 'fr' && Object.hasOwn(FRENCH_VALUES, value) ? FRENCH_VALUES[value] : undefined) ?? value

/** @param name as in the exported document, e.g. `sign_ins` */
export function partName(language: Language, name: string): string {
  const words = name.replaceAll('_', ' ')
  const text = (language === 'fr' ? FRENCH[words] : undefined) ?? words
  return text.charAt(0).toUpperCase() + text.slice(1)
}
