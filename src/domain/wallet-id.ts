import { hash } from 'node:crypto'
import { encodeBase58 } from '#sdk/protocol/base58.ts'

/**
 * Namespaces that no wallet may be opened in: `/:namespace/:number/…` would read as another family's route, now or when it comes.
 * Prefixes with a digit or a punctuation mark (`v2`, `.well-known`) can't be namespaces anyway.
 */
const reservedNamespaces: ReadonlySet<string> = new Set(
  `account accounts admin api app apps assets auth billfold brand brands callback card cards charges checkout console
   consent dashboard dev docs embed erase events favicon fonts funds gift health healthz help images interaction
   invitation invoices jackpot jobs jwks livez login logout merchant merchants metrics notifications oauth openapi
   orders outbox partner partners payments pledg public purchase purchases readyz recover refills refunds reference
   register robots sandbox schemas sdk session sessions settings signature signin signout static status stores
   support test till tillo token tokens tools transactions verify version vouchers walleo wallet wallets webhook webhooks
   well`.split(/\s+/),
)

/** Whether a (normalised, lower-case) namespace is kept for routes. */
export const isReservedNamespace = (namespace: string): boolean => reservedNamespaces.has(namespace)

/** The opaque id of an explicit one, synchronously: base58 of the SHA-1 of its bytes as given; normalise before. */
export const opaqueWalletId = (explicit: string): string => encodeBase58(hash('sha1', explicit, 'buffer'))
