import { html } from 'hono/html'
import type { Config } from '../../../config.ts'
import { lastVerdict } from '../../../storage/audit-runs.ts'
import { lastBackup } from '../../../storage/backup-runs.ts'
import { readBeginnings } from '../../../storage/beginnings.ts'
import { readFlows } from '../../../storage/flows.ts'
import { type BrandFigure, readFigures } from '../../../storage/overview-figures.ts'
import { type BrandBreakage, listAssets, listBreakage, readWellBeing } from '../../../storage/well-being.ts'
import { type Column, emptyState, linkButton, pageHeading, section, table } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { sendConsole } from '../frame.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { beginView } from './begin-view.ts'
import { flowsView } from './flows-view.ts'
import { heldView } from './held-view.ts'
import { wellView } from './well-view.ts'
import { overviewWords as words } from './words.ts'

const ASSETS = 50

/** A backup every night, and two hours for it to be late. */
const BACKUP_HOURS = 26

/** ms that the last backup may be old; null: nobody minds. */
const backupAge = ({ mode, backupHours = BACKUP_HOURS }: Pick<Config, 'mode' | 'backupHours'>): number | null =>
  mode === 'production' && backupHours > 0 ? backupHours * 3_600_000 : null

/** The operator's first page: whether all is well, where the money is, what moves, what is sold. */
export async function showOperatorOverview(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { db, clock, config } = deps
  const { language, query } = call
  const now = clock()
  const [state, audit, backup, there, assets, figures, breakage, { flows, until }] = await Promise.all([
    readWellBeing(db),
    lastVerdict(db),
    lastBackup(db),
    readBeginnings(db),
    listAssets(db, ASSETS),
    readFigures(db, new Date(now)),
    listBreakage(db),
    readFlows(db, now),
  ])
  const title = words(language, 'title')
  const held =
    assets.length === 0
      ? emptyState(words(language, 'no-assets'), linkButton('/console/wallets/new', words(language, 'open-wallet')))
      : figures === null
        ? emptyState(words(language, 'not-yet'))
        : html`<div class="held-list">${assets.map((asset) => heldView(asset, figures.held, language))}</div><p class="hint">${words(
            language,
            'as-of',
          )} ${formatTime(figures.at, language)}</p>`
  const body = html`${pageHeading(title)}${wellView({ state, audit, backup, backupAge: backupAge(config), now }, language)}
${beginView(there, language)}
${section('money', words(language, 'money'), held, { sub: words(language, 'money-sub') })}
${section(
  'flows',
  words(language, 'flows'),
  flowsView({ assets, flows, until, asked: query.get('asset'), now, language }),
  {
    sub: words(language, 'flows-sub'),
  },
)}
${section('brands', words(language, 'brands'), brandsView(figures?.brands ?? [], breakage, language), { sub: words(language, 'brands-sub') })}`
  return sendConsole(deps, call, { title, place: 'overview', body, charts: true })
}

type BrandLine = BrandFigure & { readonly breakage: bigint }

function brandsView(figures: readonly BrandFigure[], breakage: readonly BrandBreakage[], language: Language): Markup {
  const expired = new Map(breakage.map(({ brand, sum }) => [brand, sum]))
  const known = new Set(figures.map(({ brand }) => brand))
  const silent = breakage
    .filter(({ brand, sum }) => sum !== 0n && !known.has(brand))
    .map((row) => ({ ...row, orders: 0n, value: 0n, cost: 0n, outstanding: 0n }))
  const lines: BrandLine[] = [...figures, ...silent].map((row) => ({ ...row, breakage: expired.get(row.brand) ?? 0n }))
  if (lines.length === 0) return emptyState(words(language, 'brands-none'))
  const money = (key: 'value' | 'cost' | 'outstanding' | 'breakage'): Column<BrandLine> => ({
    label: words(language, key),
    numeric: true,
    cell: (row) => formatMoney(row[key], { code: row.currency, exponent: row.exponent }, language),
  })
  const columns: Column<BrandLine>[] = [
    { label: words(language, 'brand'), cell: ({ brand }) => brand },
    { label: words(language, 'orders'), numeric: true, cell: ({ orders }) => orders.toLocaleString(language) },
    money('value'),
    money('cost'),
    money('outstanding'),
    money('breakage'),
  ]
  return table(words(language, 'brands'), columns, lines)
}
