import type { CardSecrets } from '../../credentials/card-codes.ts'
import type { LinkedCard } from '../../storage/card-links.ts'
import { formatMoney } from '../format.ts'
import type { Language } from '../messages.ts'
import { barcodePath } from './barcode.ts'
import { brandTexts, dayText, grouped } from './card-facts.ts'
import { cardWords as words } from './words.ts'

const MARGIN = 56
const INK = '#1b1f1d'
const SOFT = '#59615d'
const LONGEST_TERMS = 4000

/** A page to print or to pass on: with code, PIN and barcode, without the balance, which changes. Its title tells nothing. */
export async function cardPdf(card: LinkedCard, secrets: CardSecrets, language: Language): Promise<Buffer> {
  const { default: PDFDocument } = await import('pdfkit')
  const title = words(language, 'title')
  const doc = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    lang: language,
    info: { Title: title, Creator: 'Billfold' },
  })
  const parts: Uint8Array[] = []
  doc.on('data', (part: Uint8Array) => parts.push(part))
  const done = new Promise<void>((resolve, reject) => doc.on('end', resolve).on('error', reject))
  const width = doc.page.width - 2 * MARGIN
  const value = formatMoney(card.face, { code: card.currency, exponent: card.exponent }, language)

  doc.font('Times-Bold').fontSize(26).fillColor(INK)
  doc.text(printable(words(language, 'heading', { brand: card.brand_name })), MARGIN, MARGIN, { width })
  doc.font('Helvetica').fontSize(20).fillColor(INK).text(printable(value), { width })
  doc.moveDown(1)

  const facts: [string, string][] = []
  if (secrets.code) facts.push([words(language, 'code'), grouped(secrets.code)])
  if (secrets.url) facts.push([words(language, 'number'), secrets.url])
  if (secrets.pin) facts.push([words(language, 'pin'), secrets.pin])
  if (secrets.serial) facts.push([words(language, 'serial'), secrets.serial])
  facts.push([
    words(language, 'valid'),
    card.expires_at === null ? words(language, 'endless') : dayText(card.expires_at, language),
  ])
  for (const [term, text] of facts) {
    doc.font('Helvetica').fontSize(9).fillColor(SOFT).text(printable(term), MARGIN, doc.y, { width })
    doc.font('Courier-Bold').fontSize(14).fillColor(INK).text(printable(text), { width, lineGap: 3 })
    doc.moveDown(0.4)
  }

  const barcode = await barcodePath(card.barcode, secrets.code)
  if (barcode?.[0]) drawBarcode(doc, barcode, width)

  const { use, terms } = brandTexts(card.texts, language)
  const texts = [
    ['use', use],
    ['terms', terms],
  ] as const
  for (const [name, text] of texts) {
    if (text === '') continue
    doc.moveDown(1)
    doc
      .font('Helvetica-Bold')
      .fontSize(11)
      .fillColor(INK)
      .text(printable(words(language, name)), MARGIN, doc.y, { width })
    doc
      .font('Helvetica')
      .fontSize(9)
      .fillColor(SOFT)
      .text(printable(text.slice(0, LONGEST_TERMS)), { width, lineGap: 2 })
  }
  doc.end()
  await done
  return Buffer.concat(parts)
}

/** Bars of one unit are 1 pt wide at most, so that even a long code fits the page; squares are 5 cm at most. */
function drawBarcode(
  doc: import('pdfkit').default,
  paths: { width: number; height: number; path: string; stroke: number | null }[],
  room: number,
): void {
  const { width, height } = paths[0] as (typeof paths)[0]
  const scale = Math.min(room / width, 142 / height, 0.9)
  doc.moveDown(0.5)
  const top = doc.y
  doc.save().translate(MARGIN, top).scale(scale)
  doc.rect(0, 0, width, height).fillColor('#ffffff').fill()
  for (const { path, stroke } of paths) {
    if (stroke === null) doc.path(path).fillColor('#000000').fill('even-odd')
    else doc.path(path).lineWidth(stroke).strokeColor('#000000').stroke()
  }
  doc.restore()
  doc.y = top + height * scale + 8
}

// What Windows-1252 has beside Latin-1: the standard fonts, which need not be embedded, know no other signs.
const EXTRA = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'

/** The text in the signs of the standard fonts: others lose their accents, or become a question mark. */
function printable(text: string): string {
  const known = (sign: string) => /[\n\x20-\x7e\xa0-\xff]/.test(sign) || EXTRA.includes(sign)
  return [...text.replace(/[\u202f\u2009]/g, '\u00a0').normalize('NFC')]
    .map((sign) => {
      if (known(sign)) return sign
      const [base = ''] = sign.normalize('NFKD')
      return known(base) && base !== '' ? base : '?'
    })
    .join('')
}
