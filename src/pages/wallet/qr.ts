import { html } from 'hono/html'
import type { Markup } from '../layout.ts'

/** A QR code as a picture of one path, without style: the sheet makes it black on white. The library is loaded when first needed. */
export async function qrCode(text: string, label: string): Promise<Markup> {
  const { toSVG } = await import('bwip-js/node')
  // Not in the library's types: each symbology has options of its own. The lowest level of correction, as a token is long.
  const options = { bcid: 'qrcode', text, eclevel: 'L' }
  const svg = toSVG(options)
  const box = /viewBox="([\d. ]+)"/.exec(svg)?.[1]
  const path = /\sd="([MLHVZ\d. ]+)"/.exec(svg)?.[1]
  if (!box || !path) throw new Error('the QR code is not a picture of one path')
  return html`<svg class="qr" viewBox="${box}" role="img" aria-label="${label}"><path d="${path}" fill-rule="evenodd"/></svg>`
}
