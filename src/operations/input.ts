import { isCommonPassword } from './common-passwords.ts'

/** Why an operation of the administration is refused; the edge maps the code to its own words. */
export type OperationRefusalCode = 'invalid_input' | 'not_found' | 'already_exists' | 'conflict'

export class OperationRefusal extends Error {
  override name = 'OperationRefusal'
  readonly code: OperationRefusalCode
  /** the member of the input that is meant */
  readonly field: string

  constructor(code: OperationRefusalCode, field: string, message: string) {
    super(message)
    this.code = code
    this.field = field
  }
}

/** @returns the text without blanks around it */
export function requireName(name: string): string {
  const trimmed = name.trim()
  if (trimmed.length < 1 || trimmed.length > 200)
    throw new OperationRefusal('invalid_input', 'name', 'a name has 1 to 200 characters')
  return trimmed
}

const LONGEST_FACTOR_NAME = 100

/** What somebody calls a passkey or an application password. @returns the text without blanks around it */
export function requireFactorName(name: string): string {
  const trimmed = name.trim()
  if (trimmed.length < 1 || trimmed.length > LONGEST_FACTOR_NAME || /\p{Cc}/u.test(trimmed))
    throw new OperationRefusal('invalid_input', 'name', 'a name has 1 to 100 characters, in one line')
  return trimmed
}

// NIST SP 800-63B section 5.1.1.2: length is what counts, and not being on a list; no rules of composition.
export const SHORTEST_PASSWORD = 8
export const LONGEST_PASSWORD = 1_000

/** A password that somebody is to have from now on. @param email as it is kept */
export function requirePassword(password: string, email: string): string {
  if (password.length < SHORTEST_PASSWORD || password.length > LONGEST_PASSWORD)
    throw new OperationRefusal('invalid_input', 'password', 'a password has 8 to 1000 characters')
  if (isCommonPassword(password, email))
    throw new OperationRefusal('invalid_input', 'password', 'this password is among those that anyone tries first')
  return password
}

// One address and nothing that a mail program could take for a list, a name or a comment (RFC 5322 section 3.4); ASCII, because
// other addresses need a mail server with SMTPUTF8 at every step.
const EMAIL = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}$/

/** @returns the address in the form in which it is kept: lower case, without blanks around it */
export function requireEmail(text: string): string {
  const email = text.trim().toLowerCase()
  if (!EMAIL.test(email) || email.length > 254)
    throw new OperationRefusal('invalid_input', 'email', 'this is not an e-mail address')
  return email
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export const isUuid = (text: string): boolean => UUID.test(text)

export function requireUuid(field: string, id: string): string {
  if (!isUuid(id)) throw new OperationRefusal('not_found', field, `${field} is not known`)
  return id
}
