import { html } from 'hono/html'
import { type Held, type MoneyPlace, PLACES } from '../../../storage/overview-figures.ts'
import type { AssetRow } from '../../../storage/well-being.ts'
import { formatMoney } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { assetName } from '../../wallet/asset-name.ts'
import { overviewWords as words } from './words.ts'

const WIDTH = 600

/** How much of an asset is about, and a bar of where it is, with the amounts beside it. Drawn without a script. */
export function heldView(asset: AssetRow, held: readonly Held[], language: Language): Markup {
  const money = (minor: bigint) => formatMoney(minor, asset, language)
  const at = (place: MoneyPlace) => held.find((row) => row.asset === asset.id && row.place === place)
  const rows = PLACES.map((place) => ({ place, ...at(place) })).filter(
    (row): row is Held => row.sum !== undefined && (row.sum !== 0n || row.place === 'people'),
  )
  const positive = rows.filter(({ sum }) => sum > 0n)
  const total = positive.reduce((sum, row) => sum + row.sum, 0n)
  let x = 0
  const bars = positive.map(({ place, sum }) => {
    const width = (Number(sum) / Number(total)) * WIDTH
    const bar = html`<rect class="place-${place}" x="${x.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="16"><title>${words(language, `place-${place}`)}: ${money(sum)}</title></rect>`
    x += width
    return bar
  })
  const places = positive.map(({ place, sum }) => `${words(language, `place-${place}`)} ${money(sum)}`).join(', ')
  const label = words(language, 'where-label', { code: asset.code, places })
  const line = ({ place, sum, accounts }: Held) =>
    html`<div><dt><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect class="place-${place}" width="10" height="10" rx="2"/></svg>${words(
      language,
      `place-${place}`,
    )} <small>${words(language, 'accounts', { count: accounts.toLocaleString(language) })}</small></dt><dd>${money(sum)}</dd></div>`
  return html`<article class="held" aria-label="${assetName(asset, language)}"><h3>${assetName(asset, language)}</h3>
<p class="figure">${money(total)} <small>${words(language, 'circulation')}</small></p>
${total === 0n ? '' : html`<svg class="where" viewBox="0 0 ${WIDTH} 16" preserveAspectRatio="none" role="img" aria-label="${label}">${bars}</svg>`}
<dl class="places-list">${rows.map(line)}</dl></article>`
}
