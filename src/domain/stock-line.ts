import { type BrandValues, isOffered } from './gift-card.ts'
import { AmountError, formatAmount, parseAmount } from './money.ts'

/** A line of an upload that can be sold. */
export type StockLine = {
  /** '' where the vendor gives only an address */
  readonly code: string
  readonly pin: string | null
  readonly url: string | null
  readonly serial: string | null
  /** minor units */
  readonly face: bigint
  /** the last day on which it can be redeemed, `2026-12-31`; null: it does not expire */
  readonly expiresOn: string | null
}

export const STOCK_COLUMNS = ['code', 'pin', 'value', 'expires_on', 'serial', 'url'] as const
export type StockColumn = (typeof STOCK_COLUMNS)[number]

/** What the columns of a file are, and what stands between them. */
export type StockHeader = { readonly separator: string; readonly columns: readonly StockColumn[] }

/** What lines are judged by. */
export type StockRules = {
  readonly values: BrandValues
  readonly exponent: number
  /** codes that expire on this day or before are refused; `2026-01-31` */
  readonly today: string
}

/** What is wrong with a line; says nothing of what stands in it. */
export type Malformed = { readonly malformed: string }

/** Columns are named in any order and case; between them stand commas, semicolons or tabs. */
export function readStockHeader(line: string): StockHeader | Malformed {
  const separator = [',', ';', '\t'].find((mark) => line.includes(mark)) ?? ','
  const fields = splitFields(line, separator)
  if (!fields) return { malformed: 'the header row has a quote that does not end' }
  const columns = fields.map((field) => field.trim().toLowerCase()) as StockColumn[]
  const unknown = columns.find((column) => !STOCK_COLUMNS.includes(column))
  if (unknown !== undefined)
    return { malformed: `the header row names a column that is none of ${STOCK_COLUMNS.join(', ')}` }
  if (new Set(columns).size < columns.length) return { malformed: 'the header row names a column twice' }
  if (!columns.includes('value')) return { malformed: 'the header row has no column value' }
  if (!columns.includes('code') && !columns.includes('url'))
    return { malformed: 'the header row has neither a column code nor a column url' }
  return { separator, columns }
}

export function readStockLine(line: string, header: StockHeader, rules: StockRules): StockLine | Malformed {
  const fields = splitFields(line, header.separator)
  if (!fields) return { malformed: 'a quote does not end on its line, or stands inside a field' }
  if (fields.length !== header.columns.length)
    return { malformed: `the line has ${fields.length} fields, the header row ${header.columns.length}` }
  const field = (column: StockColumn) => fields[header.columns.indexOf(column)]?.trim() ?? ''
  const code = field('code')
  const url = field('url')
  if (code === '' && url === '') return { malformed: 'there is neither a code nor a url' }
  if (!CODE.test(code)) return { malformed: 'the code has a character that no code has, or is longer than 110' }
  if (!SHORT.test(field('pin'))) return { malformed: 'the pin has a character that no pin has, or is longer than 64' }
  if (!SHORT.test(field('serial')))
    return { malformed: 'the serial has a character that none has, or is longer than 64' }
  if (url !== '' && !isPageAddress(url)) return { malformed: 'the url is no https address' }
  const face = readFace(field('value'), rules)
  if (typeof face !== 'bigint') return face
  const expiresOn = field('expires_on')
  if (expiresOn !== '' && !isDay(expiresOn)) return { malformed: 'expires_on is no day, such as 2026-12-31' }
  if (expiresOn !== '' && expiresOn <= rules.today) return { malformed: 'the code has expired' }
  return {
    code,
    pin: field('pin') || null,
    url: url || null,
    serial: field('serial') || null,
    face,
    expiresOn: expiresOn || null,
  }
}

// Printable ASCII: barcodes hold nothing else, and no code gives orders to a terminal.
const CODE = /^[\x20-\x7e]{0,110}$/
const SHORT = /^[\x20-\x7e]{0,64}$/

function readFace(text: string, { values, exponent }: StockRules): bigint | Malformed {
  let face: bigint
  try {
    face = parseAmount(text, exponent)
  } catch (error) {
    if (!(error instanceof AmountError)) throw error
    return { malformed: 'the value is no amount in the currency of the brand' }
  }
  return isOffered(values, face) ? face : { malformed: `the brand does not sell ${formatAmount(face, exponent)}` }
}

const isPageAddress = (text: string) =>
  text.length <= 2000 && /^[\x21-\x7e]+$/.test(text) && URL.parse(text)?.protocol === 'https:'

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  // 2026-02-30 is read as a day of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** RFC 4180, but a field never goes on in the next line: one quote that does not end must not swallow the file. */
function splitFields(line: string, separator: string): string[] | null {
  if (!line.includes('"')) return line.split(separator)
  const fields: string[] = []
  let at = 0
  for (;;) {
    if (line[at] === '"') {
      let text = ''
      let from = at + 1
      for (;;) {
        const quote = line.indexOf('"', from)
        if (quote < 0) return null
        text += line.slice(from, quote)
        at = quote + 1
        if (line[at] !== '"') break
        text += '"'
        from = at + 1
      }
      fields.push(text)
    } else {
      const end = line.indexOf(separator, at)
      const text = end < 0 ? line.slice(at) : line.slice(at, end)
      if (text.includes('"')) return null
      fields.push(text)
      at += text.length
    }
    if (at === line.length) return fields
    if (line[at] !== separator) return null
    at++
  }
}

/** What a person may see of a code: its end, and never more than a quarter of it. */
export function maskCode(code: string): string {
  const shown = Math.min(4, Math.floor(code.length / 4))
  return `••••${shown === 0 ? '' : code.slice(-shown)}`
}
