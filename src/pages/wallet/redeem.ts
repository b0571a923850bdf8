import { MoneyRefusal } from '../../operations/money-refusal.ts'
import {
  type ReadToken,
  readTransactionToken,
  redeemTransactionToken,
} from '../../operations/redeem-transaction-token.ts'
import { readForm } from '../forms.ts'
import type { Language } from '../messages.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { attempt, type FailureCode, isOpen, makeKey, requireKey, statusOf } from './attempt.ts'
import { explainFailure } from './failure-words.ts'
import { handoverWords as words } from './handover-words.ts'
import { findWalletById } from './own-wallet.ts'
import type { WalletPagesDeps } from './page.ts'
import { fixedWallet } from './presenter.ts'
import { redeemForm, redeemReview, redeemSignedOut } from './redeem-view.ts'
import { tokenDeps } from './token-deps.ts'
import { receiptPath } from './transaction.ts'

/**
 * `GET /wallet/redeem#<token>`: the field for a link; our script fills it from the fragment and sends it. Open to those who are not
 * signed in, because a redirect to the sign-in page and its form would lose the fragment: the script keeps it for this tab.
 */
export function showRedeem(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  return c.get('session') ? redeemForm(deps, c, {}) : redeemSignedOut(deps, c)
}

/** `POST /wallet/redeem`: `step` is `look` (shows what would happen) or `accept` (does it, once for each form). */
export async function redeem(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const { partyId } = sessionOf(c)
  const form = await readForm(c)
  const token = tokenOf(form.get('token') ?? '')
  if (token === '') return redeemForm(deps, c, { problem: words(language, 'empty') })
  const read = await readToken(deps, token)
  // What was shown and is sent again with its key gets its first answer, so the state is the ledger's to judge.
  const accepting = form.get('step') === 'accept'
  const problem = read ? refuse(read, partyId, accepting, language) : explainFailure('token-invalid', language).text
  if (!read || problem) return redeemForm(deps, c, { token, problem: problem ?? '' })
  if (!accepting) return redeemReview(deps, c, { token, read, key: makeKey() })

  const key = requireKey(form)
  const wallet = fixedWallet(read) ?? (await findWalletById(deps.directory, form.get('wallet') ?? ''))
  if (!wallet || wallet.partyId !== partyId || wallet.asset.id !== read.subject.asset.id)
    return redeemReview(deps, c, {
      token,
      read,
      key,
      problem: explainFailure('target-not-found', language).text,
      status: 422,
    })
  const ask = { actor: `person:${partyId}`, key, partyId, token, wallet }
  const result = await attempt(() => redeemTransactionToken(tokenDeps(deps), ask))
  const gives = read.claims.endpoint === 'charges'
  if (result.accepted)
    return c.redirect(receiptPath(wallet.explicitId, result.reference, gives ? 'redeemed' : 'paid'), 303)
  const next = isOpen(result.code) ? key : makeKey()
  return redeemReview(deps, c, {
    token,
    read,
    key: next,
    problem: explain(result.code, gives, language),
    status: statusOf(result.code),
  })
}

/** The token of a link, or of what somebody copied of it: blanks and line breaks of a mail are no part of it. */
function tokenOf(text: string): string {
  return text.slice(text.lastIndexOf('#') + 1).replaceAll(/\s+/g, '')
}

async function readToken(deps: WalletPagesDeps, token: string): Promise<ReadToken | null> {
  try {
    return await readTransactionToken(tokenDeps(deps), token)
  } catch (error) {
    if (error instanceof MoneyRefusal) return null
    throw error
  }
}

/** Why this person cannot accept it; null if nothing speaks against it. A stranger to a named handover learns nothing of it. */
function refuse(read: ReadToken, partyId: string, accepting: boolean, language: Language): string | null {
  if (read.audience && read.audience.partyId !== partyId && read.subject.partyId !== partyId)
    return explainFailure('token-audience-differs', language).text
  if (read.subject.partyId === partyId) return words(language, 'own')
  if (accepting || read.status === 'open') return null
  return explainFailure(read.status === 'expired' ? 'token-expired' : 'token-used', language).text
}

function explain(code: FailureCode, gives: boolean, language: Language): string {
  if (gives && code === 'unavailable-funds') return words(language, 'giverShort')
  if (gives && code === 'unreceivable-funds') return words(language, 'noRoom')
  return explainFailure(code, language).text
}
