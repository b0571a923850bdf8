import { type ExportFormat, exportFormats } from '../../../ledger/export.ts'
import { exportBooks } from '../../../operations/books/export-books.ts'
import { choice, type FormState, freshForm, sendActForm, sentForm, wrongInput } from '../gift-forms.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { booksText as text } from './words.ts'

const FILES: Record<ExportFormat, { type: string; name: string }> = {
  hledger: { type: 'text/plain; charset=utf-8', name: 'books.journal' },
  csv: { type: 'text/csv; charset=utf-8; header=present', name: 'books.csv' },
  jsonl: { type: 'application/jsonl; charset=utf-8', name: 'books.jsonl' },
}

export async function showExport(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  return form(deps, call, freshForm(call))
}

function form(deps: ConsoleDeps, call: ConsoleCall, state: FormState) {
  const { language } = call
  return sendActForm(deps, call, {
    title: text(language, 'export-title'),
    place: 'books',
    path: '/books/export',
    back: '/books',
    effects: [text(language, 'export-effect'), text(language, 'export-effect-2')],
    fields: choice(state, {
      name: 'format',
      label: text(language, 'format'),
      choices: exportFormats.map((value) => ({ value, label: text(language, `format-${value}`) })),
    }),
    names: ['format'],
    submit: text(language, 'download'),
    password: true,
    state,
  })
}

/** `POST /books/export`: the whole ledger as a file, which is an act and so in the log. */
export async function exportNow(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const format = exportFormats.find((known) => known === call.form.get('format')) ?? 'hledger'
  call.note({ format })
  const books = await exportBooks(deps.db.connection, format)
  if (books === null) return form(deps, call, sentForm(call, wrongInput('form', text(call.language, 'export-busy'))))
  call.c.header('content-type', FILES[format].type)
  call.c.header('content-disposition', `attachment; filename="${FILES[format].name}"`)
  return call.c.body(books)
}
