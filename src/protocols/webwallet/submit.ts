import { walletIdFromPath } from '#sdk/protocol/wallet-id.ts'
import type { Principal } from '../../credentials/principal.ts'
import type { Outcome } from '../../ledger/command.ts'
import { digestOf, FIELD } from '../../ledger/lines.ts'
import { foreseenRefusal, type Prepared } from '../../operations/money.ts'
import { MoneyRefusal, moneyRefusalOf } from '../../operations/money-refusal.ts'
import { malformed, refusals } from './errors.ts'
import type { OpenedEnvelope } from './open-envelope.ts'
import { keyText } from './payload.ts'
import { principalName, seal, type WalletAnswer, type WalletDeps, type WalletRequest } from './request.ts'

/**
 * The key under which the answer is kept: `payload.nonce`, which is signed, or the `Idempotency-Key` header. Both may be given
 * if they agree; otherwise a replayed body could be given a fresh header.
 */
function keyOfRequest(request: WalletRequest, nonce: unknown): string | undefined {
  const header = request.headers['idempotency-key']
  if (header !== undefined && !keyText.safeParse(header).success) {
    throw malformed('idempotency-key-malformed', 'Idempotency-Key must be 1 to 200 printable ASCII characters')
  }
  if (header !== undefined && nonce !== undefined && header !== nonce) {
    throw malformed('idempotency-key-mismatch', 'Idempotency-Key and payload.nonce differ: give one, or both alike')
  }
  return (nonce as string | undefined) ?? header
}

/**
 * Sends what an operation has prepared through the ledger's door, and answers with the payload, echoed, and what became of it.
 * The payload has passed its endpoint's schema.
 * @param credential a member of the answer beside the usual ones, which lets who has it move money: an answer with one is kept
 *   sealed
 */
export async function submit(
  deps: WalletDeps,
  request: WalletRequest,
  principal: Principal,
  envelope: OpenedEnvelope,
  prepared: Prepared,
  credential?: { readonly token: string },
): Promise<WalletAnswer> {
  const endpoint = envelope.payload.endpoint as string
  const key = keyOfRequest(request, envelope.payload.nonce)
  const name = principalName(principal)
  // Without a key nothing is kept.
  const context = credential && key !== undefined ? `wallet-answer:${name}:${key}` : null
  if (prepared.doomed !== undefined) {
    const code = await foreseenRefusal(deps, prepared, name, key)
    if (code) throw new MoneyRefusal(code)
  }
  const { answer } = await deps.ledger.submit({
    transaction: prepared.transaction,
    kind: prepared.kind,
    legs: prepared.legs,
    payload: prepared.payload,
    ...(prepared.effects && { effects: prepared.effects }),
    principal: name,
    ...(key === undefined
      ? {}
      : {
          key: {
            value: key,
            hash: digestOf([endpoint, routeOfKey(request), envelope.canonical, ...bearerOf(request)].join(FIELD)),
          },
        }),
    answer(outcome) {
      const rendered = render(principal, endpoint, envelope, outcome, credential)
      return context === null
        ? rendered
        : { ...rendered, body: deps.keyring.seal(rendered.body, context).toString('base64') }
    },
  })
  return context === null ? answer : { ...answer, body: deps.keyring.open(Buffer.from(answer.body, 'base64'), context) }
}

const routeOfKey = ({ wallet, holder }: WalletRequest) => (holder === null ? walletIdFromPath(wallet) : holder)

/** What a transaction token says that is the bearer: the payload does not name it. Its signature differs each time it is shown. */
const bearerOf = ({ presented }: WalletRequest) => (presented === undefined ? [] : [presented.split('.')[1]])

function render(
  principal: Principal,
  endpoint: string,
  { payload }: OpenedEnvelope,
  outcome: Outcome,
  credential: object | undefined,
): WalletAnswer {
  if (!outcome.accepted) {
    const { status, code, message } = refusals[moneyRefusalOf(outcome.refusal)]
    return { status, body: seal(principal, { endpoint, success: false, error: { code, message } }) }
  }
  const timestamp = new Date(outcome.at).toISOString()
  return {
    status: 200,
    body: seal(principal, { ...payload, timestamp, reference: outcome.transaction, ...credential, success: true }),
  }
}
