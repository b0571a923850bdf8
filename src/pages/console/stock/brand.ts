import { randomUUID } from 'node:crypto'
import { html } from 'hono/html'
import { changeBrand } from '../../../operations/gift-cards/change-brand.ts'
import { importStockInThread } from '../../../operations/gift-cards/import-thread.ts'
import { requireBrand } from '../../../operations/gift-cards/require-brand.ts'
import { UPLOAD_LIMITS, UploadConflict, UploadTooLarge } from '../../../operations/gift-cards/stock-upload.ts'
import type { Brand } from '../../../storage/brands.ts'
import { listStockImports, type StockImportRow } from '../../../storage/stock-imports.ts'
import { countShelves, type ShelfLevel } from '../../../storage/stock-levels.ts'
import { button, buttonRow, type Column, emptyState, field, pageHeading, section, table } from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import { csrfField } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import { MultipartError } from '../../multipart.ts'
import { PageProblem } from '../../problem.ts'
import { doneNotice, found, goTo } from '../act-form.ts'
import { passwordField, sendConsole } from '../frame.ts'
import { attempt, type Problem, wrongInput } from '../gift-forms.ts'
import { link, statusTag } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, isScript, OPERATORS } from '../route.ts'
import { countText, lowTag } from './list.ts'
import { stockText as text } from './words.ts'

const MOST_COUNTED = 20_000
const MOST_UPLOADS = 20

/** A brand that sells from stock; another one has none. */
async function stockBrand(deps: ConsoleDeps, call: ConsoleCall): Promise<Brand> {
  const brand = await found(requireBrand(deps.db, call.param('id')))
  if (brand.supply !== 'stock') throw new PageProblem('not-found')
  return brand
}

function levelsPart(levels: readonly ShelfLevel[], brand: Brand, { language }: ConsoleCall): Markup {
  const columns: Column<ShelfLevel>[] = [
    { label: giftText(language, 'value'), cell: ({ face }) => formatMoney(face, brand.asset, language) },
    {
      label: text(language, 'remaining'),
      numeric: true,
      cell: ({ remaining, low }) =>
        html`${low ? lowTag(language) : ''} ${countText(remaining, MOST_COUNTED, language)}`,
    },
  ]
  const list =
    levels.length === 0 ? emptyState(text(language, 'no-levels')) : table(text(language, 'levels'), columns, levels)
  return section('levels', text(language, 'levels'), list)
}

// What proves the sender stands before the file, which is not looked at before.
function uploadPart(brand: Brand, call: ConsoleCall, problem: Problem | null): Markup {
  const { language, c } = call
  const error = problem?.field === 'file' ? html`<p class="error" id="file-error" role="alert">${problem.text}</p>` : ''
  const form = html`<form class="sheet" id="upload" method="post" enctype="multipart/form-data" action="/console/brands/${brand.id}/stock" data-sending="${text(
    language,
    'sending',
  )}" data-working="${text(language, 'working')}" data-broken="${text(language, 'broken')}">${csrfField(
    c,
  )}<input type="hidden" name="key" value="${randomUUID()}"><ul class="effects"><li>${text(
    language,
    'upload-effect',
  )}</li></ul>${passwordField(call)}<div class="field"><label for="file">${text(
    language,
    'file',
  )}</label><p class="hint" id="file-hint">${text(
    language,
    'upload-hint',
  )}</p><input type="file" id="file" name="file" accept=".csv,.tsv,.txt,text/csv" required aria-describedby="file-hint${
    error ? ' file-error' : ''
  }">${error}</div>${buttonRow(button({ label: text(language, 'upload-submit') }))}
<div id="upload-progress" hidden><progress max="100" value="0" aria-labelledby="upload-note"></progress><p id="upload-note" role="status"></p></div></form>`
  return section('upload-part', text(language, 'upload'), form, { sub: text(language, 'upload-sub') })
}

function uploadsPart(rows: readonly StockImportRow[], { language }: ConsoleCall): Markup {
  const count = (value: number) => value.toLocaleString(language)
  const columns: Column<StockImportRow>[] = [
    { label: text(language, 'file'), cell: ({ id, name }) => link(`/stock/${id}/report`, name) },
    { label: giftText(language, 'when'), cell: ({ at }) => formatTime(at, language) },
    { label: text(language, 'by'), cell: ({ principal }) => principal },
    { label: text(language, 'lines'), numeric: true, cell: ({ lines }) => count(lines) },
    { label: text(language, 'added'), numeric: true, cell: ({ added }) => count(added) },
    {
      label: text(language, 'refused'),
      numeric: true,
      cell: (row) => count(row.in_file + row.in_stock + row.malformed),
    },
    { label: giftText(language, 'status'), cell: ({ status }) => statusTag(status, language) },
  ]
  const list =
    rows.length === 0 ? emptyState(text(language, 'no-uploads')) : table(text(language, 'uploads'), columns, rows)
  return section('uploads', text(language, 'uploads'), list)
}

function lowPart(brand: Brand, { language, c, form: sent }: ConsoleCall, problem: Problem | null): Markup {
  const form = html`<form class="sheet" method="post" action="/console/brands/${brand.id}/low-stock">${csrfField(c)}${field(
    {
      name: 'low_stock',
      label: text(language, 'low-label'),
      hint: text(language, 'low-hint'),
      inputmode: 'numeric',
      pattern: '\\d{1,7}',
      value: sent.get('low_stock') ?? String(brand.lowStock),
      ...(problem?.field === 'low_stock' && { error: problem.text }),
    },
  )}${buttonRow(button({ label: giftText(language, 'save'), kind: 'quiet' }))}</form>`
  return section('low-stock', text(language, 'low-stock'), form)
}

async function stockPage(deps: ConsoleDeps, call: ConsoleCall, problem: Problem | null) {
  const { language } = call
  const brand = await stockBrand(deps, call)
  const [levels, uploads] = await Promise.all([
    countShelves(deps.db, { brandIds: [brand.id], today: new Date(deps.clock()), most: MOST_COUNTED }),
    listStockImports(deps.db, { brandId: brand.id, limit: MOST_UPLOADS }),
  ])
  const title = text(language, 'brand-title', { brand: brand.name })
  const told = doneNotice(call, { low: text(language, 'done-low') })
  const body = html`${pageHeading(title, { sub: link(`/brands/${brand.id}`, brand.slug) })}${told}<div class="side-by-side">${uploadPart(
    brand,
    call,
    problem,
  )}<div>${levelsPart(levels, brand, call)}${lowPart(brand, call, problem)}</div></div>${uploadsPart(uploads, call)}`
  call.c.set('connects', true)
  return sendConsole(deps, call, {
    title,
    place: 'stock',
    body,
    script: 'console/stock.js',
    ...(problem && { status: 422 }),
  })
}

/** @throws what is no refusal: a browser that went away, say */
function refusedUpload(call: ConsoleCall, error: unknown): Problem {
  const { language } = call
  if (error instanceof MultipartError) throw new PageProblem('form-malformed')
  if (error instanceof UploadConflict) return wrongInput('file', text(language, 'conflict'))
  if (error instanceof UploadTooLarge) return wrongInput('file', text(language, 'too-large'))
  throw error
}

export const brandStockRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/brands/:id/stock',
    who: OPERATORS,
    handle: async (deps, call) => stockPage(deps, call, null),
  },
  {
    method: 'post',
    path: '/brands/:id/stock',
    who: OPERATORS,
    act: 'stock.upload',
    dangerous: true,
    upload: UPLOAD_LIMITS.bytes,
    async handle(deps, call) {
      const { file, form, actor, language, c } = call
      const brand = await stockBrand(deps, call)
      const refused = (problem: Problem) => {
        call.note({ brand: brand.slug, refused: problem.text })
        return isScript(call) ? c.json({ error: problem.text }, 422) : stockPage(deps, call, problem)
      }
      if (file === null) return refused(wrongInput('file', text(language, 'file-missing')))
      const name = file.name.replaceAll(/\p{Cc}/gu, '').slice(0, 200) || 'upload'
      const key = form.get('key')?.slice(0, 64)
      const done = await attempt(call, () =>
        importStockInThread(
          { ...deps.gift, log: deps.log },
          { brand, name, actor, source: file.bytes, ...(key && { key: `console:${key}` }) },
        ),
      ).catch((error): { done: false; problem: Problem } => ({ done: false, problem: refusedUpload(call, error) }))
      if (!done.done) return refused({ ...done.problem, field: 'file' })
      const { id, lines, added } = done.value.report
      call.note({ brand: brand.slug, name, lines, added })
      return isScript(call) ? c.json({ location: `/console/stock/${id}/report` }) : goTo(call, `/stock/${id}/report`)
    },
  },
  {
    method: 'post',
    path: '/brands/:id/low-stock',
    who: OPERATORS,
    act: 'stock.set-low',
    async handle(deps, call) {
      const brand = await stockBrand(deps, call)
      const given = call.form.get('low_stock')?.trim() ?? ''
      const lowStock = /^\d{1,7}$/.test(given) ? Number(given) : Number.NaN
      if (!(lowStock <= 1_000_000))
        return stockPage(deps, call, wrongInput('low_stock', text(call.language, 'low-wrong')))
      call.note({ brand: brand.slug, lowStock })
      await deps.db.transaction((sql) => changeBrand({ ...deps, db: sql }, brand.id, { lowStock }))
      return goTo(call, `/brands/${brand.id}/stock?done=low`)
    },
  },
]
