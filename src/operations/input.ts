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

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function requireUuid(field: string, id: string): string {
  if (!UUID.test(id)) throw new OperationRefusal('not_found', field, `${field} is not known`)
  return id
}
