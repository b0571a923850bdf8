import { html } from 'hono/html'
import { requireBrand } from '../../../operations/gift-cards/require-brand.ts'
import { upstreamView } from '../../../operations/gift-cards/views.ts'
import { type Brand, listBrandCodes } from '../../../storage/brands.ts'
import { listOffers, type Offer } from '../../../storage/voucher-offers.ts'
import {
  button,
  type Column,
  definitionList,
  emptyState,
  linkButton,
  pageHeading,
  section,
  table,
} from '../../components.ts'
import { formatTime } from '../../format.ts'
import { csrfField } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import { doneNotice, found } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { statusTag } from '../gift-parts.ts'
import { type GiftWord, giftText } from '../gift-words.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, OPERATORS } from '../route.ts'
import { valuesText } from './values.ts'
import { type BrandWord, brandText as text } from './words.ts'

async function factsOf(deps: ConsoleDeps, { language }: ConsoleCall, brand: Brand): Promise<Markup> {
  const codes = await listBrandCodes(deps.db, [brand.id])
  const upstream = upstreamView(deps.keyring, brand)
  const none = giftText(language, 'none')
  return definitionList([
    [
      giftText(language, 'status'),
      html`${statusTag(brand.status, language)}${brand.statusReason === null ? '' : html` ${brand.statusReason}`}`,
    ],
    [text(language, 'slug'), html`<code>${brand.slug}</code>`],
    [text(language, 'supply'), giftText(language, `su-${brand.supply}` as GiftWord)],
    ...(upstream === null ? [] : [[text(language, 'upstream-from'), `${upstream.protocol} ${upstream.url}`] as const]),
    [text(language, 'values_type'), valuesText(brand, language)],
    [text(language, 'discount'), `${brand.discountBp / 100} % · ${text(language, `keeps-${brand.discountKeeper}`)}`],
    [
      text(language, 'validity_days'),
      brand.validityDays === null ? text(language, 'never') : String(brand.validityDays),
    ],
    [text(language, 'delivery'), brand.delivery.map((way) => text(language, way)).join(', ')],
    [text(language, 'barcode'), brand.barcode],
    [text(language, 'countries'), brand.countries.join(', ') || none],
    [text(language, 'categories'), brand.categories.join(', ') || none],
    [
      text(language, 'codes'),
      codes.length === 0 ? none : codes.map(({ scheme, code }) => `${scheme}: ${code}`).join(', '),
    ],
    ...(brand.supply === 'stock'
      ? [
          [
            text(language, 'low-stock'),
            brand.lowStock === 0 ? text(language, 'never') : String(brand.lowStock),
          ] as const,
        ]
      : []),
    [text(language, 'updated'), formatTime(brand.updatedAt, language)],
  ])
}

function offersPart({ language, c }: ConsoleCall, brand: Brand, offers: readonly Offer[]): Markup {
  const columns: Column<Offer>[] = [
    { label: text(language, 'kind'), cell: ({ kind }) => text(language, `k-${kind}` as BrandWord) },
    { label: text(language, 'rate'), numeric: true, cell: ({ rateBp }) => `${rateBp / 100} %` },
    { label: text(language, 'rounding'), cell: ({ rounding }) => text(language, rounding) },
    { label: text(language, 'funder'), cell: ({ funder }) => text(language, `f-${funder}` as BrandWord) },
    {
      label: giftText(language, 'status'),
      cell: ({ endedAt }) =>
        endedAt ? html`${statusTag('ended', language)} ${formatTime(endedAt, language)}` : statusTag('live', language),
    },
    {
      label: '',
      cell: ({ id, endedAt }) =>
        endedAt
          ? ''
          : html`<form method="post" action="/console/brands/${brand.id}/offers/${id}/end">${csrfField(c)}${button({
              label: text(language, 'offer-end'),
              kind: 'quiet',
            })}</form>`,
    },
  ]
  const make = linkButton(`/console/brands/${brand.id}/offers`, text(language, 'offer-new'))
  const list =
    offers.length === 0
      ? emptyState(text(language, 'no-offer'), make)
      : html`${table(text(language, 'offers-title'), columns, offers)}<div class="pager">${make}</div>`
  return section('offers', text(language, 'offers-title'), list, { sub: text(language, 'offers-sub') })
}

export const brandDetailRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/brands/:id',
    who: OPERATORS,
    async handle(deps, call) {
      const { language } = call
      const brand = await found(requireBrand(deps.db, call.param('id')))
      const base = `/console/brands/${brand.id}`
      const [facts, offers] = await Promise.all([factsOf(deps, call, brand), listOffers(deps.db, brand.id)])
      const told = doneNotice(call, {
        made: text(language, 'done-made'),
        'made-stock': text(language, 'done-made-stock'),
        edited: text(language, 'done-edited'),
        status: text(language, 'done-status'),
        offer: text(language, 'done-offer'),
        ended: text(language, 'done-ended'),
      })
      const acts = html`<div class="buttons pager">${linkButton(`${base}/edit`, text(language, 'edit'), 'primary')}${
        brand.supply === 'stock' ? linkButton(`${base}/stock`, text(language, 'stock'), 'primary') : ''
      }${linkButton(`${base}/status`, text(language, 'status'))}</div>`
      const body = html`${pageHeading(brand.name)}${told}<section class="part">${facts}${acts}</section>${offersPart(
        call,
        brand,
        offers,
      )}`
      return sendConsole(deps, call, { title: brand.name, place: 'brands', body })
    },
  },
]
