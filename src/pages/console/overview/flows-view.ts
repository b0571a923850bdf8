import { html } from 'hono/html'
import { type Flow, type FlowWay, flowDays } from '../../../storage/flows.ts'
import type { AssetRow } from '../../../storage/well-being.ts'
import { button, emptyState, select } from '../../components.ts'
import { formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { assetName } from '../../wallet/asset-name.ts'
import { chart } from '../chart.ts'
import { overviewWords as words } from './words.ts'

const WAYS: readonly FlowWay[] = ['in', 'out', 'moved']

type View = {
  assets: readonly AssetRow[]
  flows: readonly Flow[]
  until: Date | null
  /** of the address: which asset is wanted */
  asked: string | null
  now: number
  language: Language
}

/** What moves, day by day, of one asset: the one asked for, else the one that moves most often. */
export function flowsView({ assets, flows, until, asked, now, language }: View): Markup {
  const moves = (asset: AssetRow) => flows.reduce((sum, flow) => (flow.asset === asset.id ? sum + flow.count : sum), 0n)
  const busy = assets.filter((asset) => moves(asset) > 0n).sort((one, other) => (moves(other) > moves(one) ? 1 : -1))
  const asset = busy.find(({ id }) => String(id) === asked) ?? busy[0]
  if (!asset) return emptyState(words(language, 'flow-none'))
  const days = flowDays(now)
  const sums = new Map(
    flows.filter((flow) => flow.asset === asset.id).map((flow) => [`${flow.way} ${flow.day}`, flow.amount]),
  )
  const series = WAYS.map((way) => ({
    label: words(language, `flow-${way}`),
    values: days.map((day) => sums.get(`${way} ${day}`) ?? 0n),
  }))
  const choices = busy.map((one) => ({ value: String(one.id), label: assetName(one, language) }))
  const form =
    busy.length === 1
      ? ''
      : html`<form class="filters" method="get" action="/console">${select({
          name: 'asset',
          label: words(language, 'unit'),
          value: String(asset.id),
          choices,
        })}<div class="buttons">${button({ label: words(language, 'show'), kind: 'quiet' })}</div></form>`
  const title = words(language, 'flow-title', { name: assetName(asset, language) })
  return html`${form}${chart({ id: 'flows-chart', title, unit: asset, days, series, language })}${
    until === null ? '' : html`<p class="hint">${words(language, 'flows-until')} ${formatTime(until, language)}</p>`
  }`
}
