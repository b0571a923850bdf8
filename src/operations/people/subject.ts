import { formatWalletId } from '#sdk/protocol/wallet-id.ts'
import { opaqueWalletId } from '../../domain/wallet-id.ts'
import type { Sql } from '../../storage/database.ts'
import { findParty } from '../../storage/parties.ts'
import { listOwnSignIns, listOwnWallets, type OwnWallet } from '../../storage/people.ts'
import { OperationRefusal, requireEmail, requireUuid } from '../input.ts'
import type { Identifier } from './replacer.ts'

/** Whose data: a person with all that is theirs, or one member of a business's team. */
export type Subject = {
  readonly partyId: string
  /** false: only the sign-in belongs to the person, the rest to the business */
  readonly whole: boolean
  readonly emails: readonly string[]
  readonly operator: boolean
  /** null: the party is a business, whose name stays */
  readonly name: string | null
  readonly wallets: readonly OwnWallet[]
}

/** @param who a person's party; or a business's party with the address of one of its team @throws {OperationRefusal} */
export async function requireSubject(sql: Sql, who: { partyId: string; email?: string | undefined }): Promise<Subject> {
  const partyId = requireUuid('party_id', who.partyId)
  const party = await findParty(sql, partyId)
  if (!party) throw new OperationRefusal('not_found', 'party_id', 'there is no such party')
  const signIns = await listOwnSignIns(sql, partyId)
  if (party.kind === 'person') {
    return {
      partyId,
      whole: true,
      emails: signIns.map(({ email }) => email),
      operator: signIns.some(({ operator }) => operator),
      name: party.name,
      wallets: await listOwnWallets(sql, partyId),
    }
  }
  if (who.email === undefined)
    throw new OperationRefusal('invalid_input', 'email', 'a business is no person: name the sign-in of one of its team')
  const email = requireEmail(who.email)
  const signIn = signIns.find((one) => one.email === email)
  if (!signIn) throw new OperationRefusal('not_found', 'email', 'the party has no such sign-in')
  return { partyId, whole: false, emails: [email], operator: signIn.operator, name: null, wallets: [] }
}

export type RenamedWallet = { readonly id: bigint; readonly number: string; readonly opaqueId: string }

/** What identifies a person, with what takes its place; and the wallets as they are called from then on. */
export function pseudonymise(
  subject: Subject,
  pseudonym: string,
): { identifiers: Identifier[]; wallets: RenamedWallet[]; name: string } {
  const identifiers: Identifier[] = []
  subject.emails.forEach((text, i) => {
    identifiers.push({ text, kind: 'email', pseudonym: `${pseudonym}${i > 0 ? `-${i}` : ''}@erased.invalid` })
  })
  const name = `Erased ${pseudonym.slice('erased-'.length)}`
  if (subject.name !== null) identifiers.push({ text: subject.name, kind: 'name', pseudonym: name })
  // Wallets of one number in several currencies stay together.
  const numbers = new Map<string, string>()
  const wallets = subject.wallets.map(({ id, namespace, number, currency, opaque_id }) => {
    const holder = `${namespace}:${number}`
    let renamed = numbers.get(holder)
    if (renamed === undefined) {
      renamed = `${pseudonym}-${numbers.size + 1}`
      numbers.set(holder, renamed)
      identifiers.push({ text: holder, kind: 'wallet', pseudonym: `${namespace}:${renamed}` })
      identifiers.push({ text: number, kind: 'number', pseudonym: renamed })
    }
    const explicitId = formatWalletId({ namespace, number: renamed, currency })
    const opaqueId = opaqueWalletId(explicitId)
    identifiers.push({ text: `${holder}:${currency}`, kind: 'wallet', pseudonym: explicitId })
    identifiers.push({ text: opaque_id, kind: 'wallet', pseudonym: opaqueId })
    return { id, number: renamed, opaqueId }
  })
  return { identifiers, wallets, name }
}

/** An erased person's wallets bear pseudonyms already: erasing again changes nothing. */
export const isPseudonym = (number: string): boolean => /^erased-[0-9a-f]{16}-\d+$/.test(number)
