import { randomBytes } from 'node:crypto'
import type { Keyring } from '../../credentials/keyring.ts'
import type { Passwords } from '../../credentials/password.ts'
import { hashSecret, makeSecret } from '../../credentials/secrets.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import { type CompromiseKind, type EndedSession, insertCompromise } from '../../storage/compromises.ts'
import type { Database, Sql } from '../../storage/database.ts'
import * as end from '../../storage/end-credentials.ts'
import { rotateMerchantSecret } from '../purchases/change-merchant.ts'
import { rotateWebhookSecret } from '../webhooks/rotate-webhook-secret.ts'
import type { Target } from './find-target.ts'

/** What can be ended, in the order in which a page lists it. */
export const COMPROMISE_PARTS = [
  'clients',
  'grants',
  'api-keys',
  'partner-credentials',
  'jackpot-secrets',
  'merchant-keys',
  'merchant-secrets',
  'webhook-secrets',
  'sessions',
  'application-passwords',
  'passkeys',
  'passwords',
] as const
export type CompromisePart = (typeof COMPROMISE_PARTS)[number]

const OF_SIGN_IN: readonly CompromisePart[] = ['sessions', 'application-passwords', 'passkeys', 'passwords']

/** What is to choose from for each kind; of those with one part there is nothing to choose. */
export const PARTS_OF: Record<CompromiseKind, readonly CompromisePart[]> = {
  party: COMPROMISE_PARTS,
  client: ['clients'],
  grant: ['grants'],
  'api-key': ['api-keys'],
  'partner-credential': ['partner-credentials'],
  'jackpot-account': ['jackpot-secrets'],
  'merchant-key': ['merchant-keys'],
  merchant: ['merchant-secrets'],
  webhook: ['webhook-secrets'],
  'sign-in': OF_SIGN_IN,
}

type Deps = { db: Database; keyring: Keyring; passwords: Passwords; clock: () => number }

export type Answer = {
  readonly target: Target
  /** what of it is ended; those that its kind does not have are left out */
  readonly parts: readonly CompromisePart[]
  readonly actor: string
  /** who answers: that session goes on, and that sign-in keeps its password, so that somebody is left to look after the rest */
  readonly self: { readonly sessionId: string; readonly email: string; readonly operator: boolean }
  /** from when on its uses are listed */
  readonly since: Date
}

/**
 * Ends a credential that somebody else may have, with everything that came of it, in one transaction: all of it or nothing. Servers
 * that remember a credential know of it within 5 s; API keys, sessions and application passwords are looked up each time.
 * @returns the id under which it is kept what was ended
 */
export async function answerCompromise(
  deps: Deps,
  answer: Answer,
): Promise<{ id: string; ended: Record<string, number> }> {
  const { target, actor, self, since } = answer
  const { kind } = target
  const chosen = new Set(
    PARTS_OF[kind].length === 1 ? PARTS_OF[kind] : PARTS_OF[kind].filter((part) => answer.parts.includes(part)),
  )
  // Dear to make, so not while rows are locked; nobody is told what it is the hash of.
  const unknown = chosen.has('passwords') ? await deps.passwords.hash(randomBytes(32).toString('base64url')) : ''
  const id = uuidV7(deps.clock())
  return deps.db.transaction(async (sql) => {
    const ended: Record<string, number> = {}
    const note = async (what: string, count: Promise<number>) => {
      ended[what] = await count
    }
    // Sign-ins first: whatever else touches them locks them first, too.
    const sessions = await endSignIns(sql, target, { chosen, self, unknown, note })
    const of = kind === 'party' ? { partyId: target.id } : { id: target.id }
    if (chosen.has('clients')) {
      await note('clients', end.endClients(sql, of))
      await note('refresh-tokens', end.endRefreshFamilies(sql, of))
      if (kind === 'client') await note('grants', end.endGrants(sql, { client: target.id }))
    }
    if (chosen.has('grants')) {
      await note('grants', end.endGrants(sql, kind === 'party' ? { partyId: target.id } : { grant: target.id }))
      const families = kind === 'party' ? end.endRefreshFamilies(sql, of) : end.endFamiliesOfGrant(sql, target.id)
      ended['refresh-tokens'] = (ended['refresh-tokens'] ?? 0) + (await families)
    }
    if (chosen.has('api-keys')) await note('api-keys', end.endApiKeys(sql, of))
    if (chosen.has('partner-credentials')) await note('partner-credentials', end.endPartnerCredentials(sql, of))
    if (chosen.has('jackpot-secrets'))
      await note('jackpot-secrets', end.endJackpotSecrets(sql, of, hashSecret(makeSecret('clientSecret'))))
    if (chosen.has('merchant-keys')) await note('merchant-keys', end.endMerchantKeys(sql, of))
    if (chosen.has('merchant-secrets')) await note('merchant-secrets', replaceMerchantSecrets(deps, sql, of))
    if (chosen.has('webhook-secrets')) await note('webhook-secrets', replaceWebhookSecrets(deps, sql, of))
    await insertCompromise(sql, {
      id,
      kind,
      target: target.id,
      name: target.name,
      party_id: target.partyId,
      actor,
      since,
      principals: [...target.principals],
      ended,
      sessions,
    })
    return { id, ended }
  })
}

type SignIns = {
  chosen: ReadonlySet<CompromisePart>
  self: Answer['self']
  unknown: string
  note: (what: string, count: Promise<number>) => Promise<void>
}

async function endSignIns(
  sql: Sql,
  { kind, id, partyId }: Target,
  { chosen, self, unknown, note }: SignIns,
): Promise<EndedSession[]> {
  if (!OF_SIGN_IN.some((part) => chosen.has(part))) return []
  const emails = await end.holdSignIns(sql, kind === 'party' ? { partyId } : { email: id }, {
    operators: self.operator,
  })
  const others = emails.filter((email) => email !== self.email)
  let sessions: EndedSession[] = []
  if (chosen.has('sessions')) {
    sessions = await end.endSessions(sql, emails, self.sessionId)
    await note('sessions', Promise.resolve(sessions.length))
    if (kind === 'party') await note('invitations', end.endInvitations(sql, partyId))
  }
  if (chosen.has('application-passwords')) await note('application-passwords', end.endApplicationPasswords(sql, emails))
  if (chosen.has('passkeys')) await note('passkeys', end.endPasskeys(sql, others))
  if (chosen.has('passwords')) await note('passwords', end.endPasswords(sql, others, unknown))
  return sessions
}

async function replaceMerchantSecrets(deps: Deps, db: Sql, of: end.Of): Promise<number> {
  const ids = await end.listSecretOwners(db, 'merchant', of)
  for (const id of ids) await rotateMerchantSecret({ db, keyring: deps.keyring }, { id })
  return ids.length
}

async function replaceWebhookSecrets(deps: Deps, db: Sql, of: end.Of): Promise<number> {
  const ids = await end.listSecretOwners(db, 'webhook_endpoint', of)
  for (const id of ids) await rotateWebhookSecret({ ...deps, db }, { id, overlapSeconds: 0 })
  return ids.length
}
