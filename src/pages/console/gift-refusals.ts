import type { OperationRefusal, OperationRefusalCode } from '../../operations/input.ts'

// Operations say in English why they refuse, for the admin API, the command line and these pages alike. Here is the same in French.

const GENERIC: Record<OperationRefusalCode, string> = {
  invalid_input: 'cette valeur n’est pas acceptée',
  not_found: 'cela n’existe pas',
  already_exists: 'cela existe déjà',
  conflict: 'ce n’est pas possible dans l’état actuel',
}

const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/^The amount is no plain decimal/, 'le montant s’écrit en chiffres, avec un point, par exemple 12.50'],
  [/^The amount is zero/, 'le montant est nul'],
  [/^The amount is negative/, 'le montant est négatif'],
  [/^The amount has more decimals/, 'le montant a plus de décimales que la monnaie'],
  [/^The amount is more than/, 'le montant est trop grand'],
  [/^a discount is 0 to 100/, 'une remise va de 0 à 100 %'],
  [/^a name has/, 'un nom a de 1 à 200 caractères'],
  [/^a slug has/, 'un nom court a des lettres minuscules, des chiffres et des tirets'],
  [/^the (?:partner|brand) (\S+) exists$/, '$1 existe déjà'],
  [/^there is no such wallet/, 'ce portefeuille n’existe pas'],
  [/^there is no such party|party_id is not known/, 'cette partie n’existe pas'],
  [/^there is no such partner/, 'ce partenaire n’existe pas'],
  [/^there is no such brand/, 'cette marque n’existe pas'],
  [/^the source has not that much/, 'le portefeuille qui paie n’a pas autant'],
  [/^the source is frozen/, 'le portefeuille qui paie est gelé'],
  [/^the source is closed/, 'le portefeuille qui paie est fermé'],
  [/^the source is not in the currency/, 'le portefeuille qui paie n’est pas dans la monnaie et le cercle du solde'],
  [/^the float may not hold/, 'le solde du partenaire ne peut pas contenir autant'],
  [/^the partner has no float in (\S+)/, 'le partenaire n’a pas de solde en $1'],
  [/^the partner is disabled/, 'le partenaire est désactivé'],
  [/^(\S+) is no address and no CIDR block/, '$1 n’est ni une adresse ni un bloc CIDR'],
  [/^the credential was revoked/, 'la clé est révoquée'],
  [/^the credential has ended or was replaced/, 'la clé a pris fin ou a été remplacée'],
  [/^an overlap has 0 to (\d+) hours/, 'un chevauchement dure de 0 à $1 heures'],
  [/^values are a list/, 'les valeurs forment une liste, chacune plus grande que la précédente'],
  [/^a range needs/, 'il faut 0 < minimum ≤ maximum et un pas au-dessus de 0'],
  [/^(\w+) has another brand under (\S+)/, '$1 a une autre marque sous $2'],
  [/^another brand has one of these codes/, 'une autre marque a l’un de ces codes'],
  [/^nothing is sold for nothing/, 'rien ne se vend pour rien'],
  [/^that is more credit than/, 'c’est plus de crédit qu’une personne seule peut en donner en un jour'],
  [/^your own party asked for it/, 'votre propre partie l’a demandé : quelqu’un d’autre l’approuve'],
  [/^that is more than was asked for/, 'c’est plus que ce qui a été demandé : versez le reste sur le solde'],
  [/^the request is (\S+)/, 'la demande est déjà décidée'],
  [/^the request was decided just now/, 'la demande vient d’être décidée'],
  [/^the file is empty/, 'le fichier est vide'],
  [/^the header row is too long/, 'la ligne de titres est trop longue'],
  [/^the order is not delivered by mail/, 'la commande n’est pas livrée par courriel'],
  [/^the order has failed/, 'la commande a échoué'],
  [/^the order is being worked off/, 'la commande est en cours de traitement'],
  [/^the mail is still to be sent/, 'le courriel attend encore d’être envoyé'],
  [/^somebody has kept the card/, 'quelqu’un a gardé la carte : le lien de son courriel n’ouvre plus rien'],
  [/^the card has ended/, 'la carte a pris fin'],
  [/^something of the card was spent/, 'une part de la carte a été dépensée ou est retenue'],
  [/^the card is blocked/, 'la carte est bloquée : débloquez-la d’abord'],
  [/^it was bought elsewhere/, 'elle a été achetée ailleurs et ne peut être reprise que là'],
  [/^it is a voucher/, 'c’est un bon : remboursez-le comme tel'],
  [/^no card that was sold has this code/, 'aucune carte vendue n’a ce code'],
  [/^a rule limits the count/, 'une règle limite le nombre, le montant ou les deux'],
  [/^an amount has a currency/, 'un montant a une monnaie, et rien d’autre ici n’en a'],
  [/^a period has 1 to (\d+) days/, 'une période a de 1 à $1 jours'],
  [/^the supply of (\S+) is not stock/, '$1 ne se vend pas à partir d’un stock'],
]

/** Why something was refused, in French; where the sentence is not known, what kind of refusal it is. */
export function inFrench({ message, code }: OperationRefusal): string {
  const known = SENTENCES.find(([pattern]) => pattern.test(message))
  if (!known) return GENERIC[code]
  const [pattern, text] = known
  const match = pattern.exec(message) as RegExpExecArray
  return text.replace('$1', match[1] ?? '').replace('$2', match[2] ?? '')
}
