import { setTimeout as delay } from 'node:timers/promises'
import { issueTransactionToken } from '../../../src/operations/issue-transaction-token.ts'
import { MoneyRefusal } from '../../../src/operations/money-refusal.ts'
import { redeemTransactionToken } from '../../../src/operations/redeem-transaction-token.ts'
import { revokeTransactionToken } from '../../../src/operations/revoke-transaction-token.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { decided, hasCome, type Move, underKey } from './books.ts'
import type { During, Next } from './search.ts'
import { moneyAnswer, type WalletAction, type WalletScene } from './wallets-scene.ts'
import type { Token, WalletState } from './wallets-state.ts'

type Choose = (state: WalletState) => WalletAction

const HOUR = 3_600_000

/** One owner's consent to one transaction: issued, used once, or taken back. */
export function tokenActions(scene: WalletScene): Choose[] {
  const { wallets, pick, stage } = scene
  const wallet = (name: string) => wallets[name] as Wallet
  const actor = scene.actor('person')
  const texts = new Map<string, string>()

  const issue: Choose = () => {
    const endpoint = pick(['charges', 'payments'] as const)
    const [subject, other] = endpoint === 'charges' ? (['ann', 'shop'] as const) : (['shop', 'bob'] as const)
    const open = pick([true, false])
    const amount = pick([1, 80, 250, 700])
    const life = pick([HOUR, HOUR, HOUR, HOUR, HOUR, 1_100])
    const key = scene.key()
    const content = `token for ${endpoint} ${amount} ${open}`
    const name = `${key}-${content}`
    let expiresAt = 0
    return {
      text: `${content} (${key})`,
      async run(deps) {
        // A token says whole seconds, so that of a second in the past no part is left.
        expiresAt ||= stage.clock() + life
        const named = open ? null : wallet(other)
        const sides =
          endpoint === 'charges'
            ? { source: wallet(subject), target: named }
            : { source: named, target: wallet(subject) }
        const { partyId } = wallet(subject)
        try {
          const input = { actor, key, partyId, endpoint, ...sides, amount: BigInt(amount), expiresAt }
          const { token, id } = await issueTransactionToken(deps, input)
          texts.set(name, token)
          return scene.remember(name, id)
        } catch (error) {
          if (!(error instanceof MoneyRefusal)) throw error
          return error.code === 'token-terms-differ' ? 'no idempotency-conflict' : `no ${error.code}`
        }
      },
      model: (before, during) =>
        underKey(before, { key: `person ${key}`, content }, () => {
          const second = Math.floor(expiresAt / 1000) * 1000
          const expires = { least: second, most: second }
          const over = hasCome(expires, during)
          const made: Token = { endpoint, subject, other, amount, expires, status: 'open' }
          return [
            ...(over === true
              ? []
              : decided(before, [], [], (after) => ({ ...after, tokens: { ...after.tokens, [name]: made } }))),
            ...(over === false ? [] : decided(before, [], ['expiry-passed'], (after) => after)),
          ]
        }),
    }
  }

  const ending = (
    before: WalletState,
    name: string,
    during: During,
    input: { key: string; content: string; status: Token['status']; moves: Move[]; paid?: string },
  ): Next<WalletState>[] => {
    const token = before.tokens[name] as Token
    const over = hasCome(token.expires, during)
    const ahead = stage.clock() > token.expires.least
    const write = (rules: string[]) =>
      decided(before, input.moves, rules, (after) => ({
        ...after,
        tokens: { ...after.tokens, [name]: { ...token, status: input.status } },
        ...(input.paid !== undefined && {
          paid: { ...after.paid, [input.paid]: { ...(input.moves[0] as Move), refunded: 0 } },
        }),
      }))
    return underKey(before, input, () => {
      const used = token.status === 'open' ? [] : ['token-used']
      return [
        ...(over === true ? [] : write(used)),
        ...(over === false && !ahead ? [] : write([...used, 'token-expired'])),
      ]
    })
  }

  const redeem: Choose = (state) => {
    const issued = Object.keys(state.tokens)
    if (issued.length === 0) return issue(state)
    const name = pick(issued)
    const { endpoint, subject, other, amount, expires } = state.tokens[name] as Token
    const key = scene.key()
    const moves = [
      endpoint === 'charges' ? { source: subject, target: other, amount } : { source: other, target: subject, amount },
    ]
    const input = {
      key: `person ${key}`,
      content: `uses ${name}`,
      status: 'used' as const,
      moves,
      paid: `use ${key} ${name}`,
    }
    const wait = pick([false, false, true]) && expires.most - Date.now() < 1_200
    return {
      text: `use of ${name} by ${other} (${key})`,
      async run(deps) {
        if (wait) await delay(Math.max(0, expires.most - Date.now() + 6))
        return moneyAnswer(
          () =>
            redeemTransactionToken(deps, {
              actor,
              key,
              token: texts.get(name) as string,
              wallet: wallet(other),
              partyId: wallet(other).partyId,
            }),
          (reference) => scene.remember(`use ${key} ${name}`, reference),
        )
      },
      model: (before, during) => (before.tokens[name] ? ending(before, name, during, input) : []),
    }
  }

  const revoke: Choose = (state) => {
    const issued = Object.keys(state.tokens)
    if (issued.length === 0) return issue(state)
    const name = pick(issued)
    const { subject } = state.tokens[name] as Token
    const key = scene.key()
    const input = { key: `person ${key}`, content: `revokes ${name}`, status: 'revoked' as const, moves: [] }
    return {
      text: `${name} is taken back (${key})`,
      run: (deps) =>
        moneyAnswer(
          () =>
            revokeTransactionToken(deps, {
              actor,
              key,
              partyId: wallet(subject).partyId,
              id: scene.reference(name),
            }),
          (reference) => scene.remember(`revoke ${key} ${name}`, reference),
        ),
      model: (before, during) => (before.tokens[name] ? ending(before, name, during, input) : []),
    }
  }

  return [issue, redeem, redeem, revoke]
}
