import { z } from 'zod'

/** An amount in an answer. */
export const jsonMoney = z
  .union([z.number(), z.string()])
  .describe('Units of the currency; a text only where a number would lose digits')

export const header = z
  .object({
    alg: z.enum(['hs256', 'HS256']),
    kid: z.string().optional().describe('The client, where a transaction token is the bearer'),
    typ: z.string().optional(),
  })
  .describe('How it is signed')

const signature = z
  .string()
  .regex(/^[\w-]{43}$/)
  .describe('HMAC-SHA256 of the payload in canonical JSON, in base64url; absent for public clients')

/** A payload in its envelope, of a request or an answer. */
export const enveloped = <Payload extends z.ZodType>(payload: Payload) =>
  z.object({ header, payload, signature: signature.optional() })

/** The same of an answer to a caller who is not known yet: there is no key to sign it with. */
export const perhapsSigned = <Payload extends z.ZodType>(payload: Payload) =>
  z.object({ header: header.optional(), payload, signature: signature.optional() })
