import type { Mistake } from './mistakes.ts'

/** Every way of signing that is explained here. */
export const signingSchemes = [
  'webwallet',
  'transaction-token',
  'walleo',
  'tillo',
  'pledg-request',
  'pledg-notification',
  'jackpot',
  'webhook',
] as const

/** One of {@link signingSchemes}. */
export type SigningScheme = (typeof signingSchemes)[number]

/** What was filled in, by the name of its field; see `signingFields`. */
export type SigningValues = Readonly<Record<string, string>>

/** What a step is. */
export type StepName =
  | 'parts'
  | 'header'
  | 'claims'
  | 'canonical'
  | 'string-to-sign'
  | 'key'
  | 'digest'
  | 'signature'
  | 'token'
  | 'message'
  | 'authorization'

/** How a secret becomes a key. The key itself is never part of an explanation. */
export type KeyForm = 'key-text' | 'key-hex' | 'key-base64' | 'key-es256' | 'key-separator'

/** One step on the way from what is filled in to what is sent. */
export type Step = {
  name: StepName
  /** What stands there; '' where `parts` say it. A secret stands as `[secret]`. */
  value: string
  /** Named pieces, in their order. */
  parts?: readonly { name: string; value: string }[]
  /** Of the step `key`: how the secret is read, and how many bytes that makes. */
  key?: { form: KeyForm; bytes: number }
}

/** A request as it goes out. */
export type FinalRequest = { method: string; url: string; headers: Record<string, string>; body: string | undefined }

/** A signature from its parts to the request that carries it. */
export type Explanation = {
  scheme: SigningScheme
  steps: Step[]
  /** The text that is signed; the Pledg hash's with `[secret]` in place of the secret. */
  stringToSign: string
  signature: string
  /** A compact JWT, where the scheme makes one. */
  token: string | null
  request: FinalRequest
}

/** One thing that is wrong. `values` fill the placeholders of the words for it. */
export type Finding = { mistake: Mistake; values: Record<string, string> }

/** What became of a request that was checked. */
export type Diagnosis = {
  /** Nothing is wrong. */
  valid: boolean
  /** What is wrong, the cause that comes first in a verifier first. */
  findings: Finding[]
  /** What should have been signed, where it can be told. */
  stringToSign: string | null
  /** What its signature would be under the secret that was given. */
  expected: string | null
}

/** What cannot be explained, because a field is empty or not what it has to be. */
export class ExplainError extends Error {
  /** Name of the field. */
  readonly field: string
  readonly reason: 'missing' | 'not-json' | 'not-an-object' | 'not-a-url' | 'not-a-key' | 'not-a-time' | 'refused'

  constructor(field: string, reason: ExplainError['reason'], message: string) {
    super(message)
    this.name = 'ExplainError'
    this.field = field
    this.reason = reason
  }
}
