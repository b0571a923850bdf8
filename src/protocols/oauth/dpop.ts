import { type Context, errors } from 'oidc-provider'
import type { DpopProof, DpopProofs } from '../../credentials/dpop.ts'
import { TokenRefusal } from '../../credentials/token-refusal.ts'
import { BodyRefusal } from './request-body.ts'
import { PATHS } from './routes.ts'

type Deps = { proofs: DpopProofs }

/**
 * The proof of possession that a request to this server carries; null when there is none. It is not used up yet: a grant does
 * that with {@link spend} once all that can be read says yes, so that nobody without a grant can fill the table of used proofs.
 */
export async function readProof(deps: Deps, ctx: Pick<Context, 'req' | 'method' | 'path'>): Promise<DpopProof | null> {
  const header = ctx.req.headers.dpop
  if (header === undefined) return null
  return inWordsOfTheEndpoint(deps.proofs.verify(String(header), { method: ctx.method, path: ctx.path }))
}

/** Uses the proof up; of several requests with the same one, one gets through. */
export async function spend(proof: DpopProof | null): Promise<void> {
  if (proof) await inWordsOfTheEndpoint(proof.spend())
}

/**
 * Holds a proof against the key that a code or a refresh token is bound to (RFC 9449 sections 5 and 10).
 * @param jkt the thumbprint; null: bound to none
 */
export function requireKey(jkt: string | null, proof: DpopProof | null): void {
  if (jkt === null || proof?.jkt === jkt) return
  if (!proof) throw new errors.InvalidDpopProof('what is presented is bound to a key: send its DPoP proof')
  throw new errors.InvalidGrant('the DPoP proof is of another key')
}

/**
 * A pushed request that carries a proof binds its code to the proof's key, as `dpop_jkt` does (RFC 9449 section 10.1). The proof is
 * not used up: whoever repeats it binds one more code to the key of whoever made it, and anyone may push.
 * @returns the form with the key's thumbprint in it
 * @throws {BodyRefusal}
 */
export async function bindPushedRequest(deps: Deps, header: string | undefined, form: Buffer): Promise<Buffer> {
  if (header === undefined) return form
  const parameters = new URLSearchParams(form.toString())
  const wanted = parameters.getAll('dpop_jkt')
  try {
    const { jkt } = await deps.proofs.verify(header, { method: 'POST', path: PATHS.par })
    if (wanted.some((one) => one !== jkt)) throw new BodyRefusal(400, 'dpop_jkt is not the key of the DPoP proof')
    if (wanted.length === 0) parameters.set('dpop_jkt', jkt)
    return Buffer.from(parameters.toString())
  } catch (error) {
    throw error instanceof TokenRefusal ? new BodyRefusal(400, error.message, 'invalid_dpop_proof') : error
  }
}

/** RFC 9449 section 5: at the token endpoint a bad proof is a 400 `invalid_dpop_proof`. */
async function inWordsOfTheEndpoint<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof TokenRefusal ? new errors.InvalidDpopProof(error.message) : error
  }
}
