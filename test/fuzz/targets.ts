import type { Target } from './target.ts'
import { jackpotV1, jackpotV2, pledgNotification, pledgRequest } from './targets/hs256.ts'
import { amounts, oauthBodies, walletIds } from './targets/plain.ts'
import { dpop, webhook } from './targets/proofs.ts'
import { tillo } from './targets/tillo.ts'
import { walleo } from './targets/walleo.ts'
import { accessToken, envelope, transactionToken } from './targets/webwallet.ts'

/** An input's number, modulo their count, says which. A new one comes last and changes all numbers: old ones are replayed at their commit. */
export const targets: readonly Target[] = [
  envelope,
  transactionToken,
  accessToken,
  walleo,
  tillo,
  pledgRequest,
  pledgNotification,
  jackpotV1,
  jackpotV2,
  dpop,
  webhook,
  oauthBodies,
  amounts,
  walletIds,
]
