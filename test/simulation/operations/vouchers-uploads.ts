import { importStock } from '../../../src/operations/gift-cards/import-stock.ts'
import { UploadConflict } from '../../../src/operations/gift-cards/stock-upload.ts'
import { interrupted, no, type VoucherAction, type VoucherScene } from './vouchers-scene.ts'
import type { Upload, VoucherState } from './vouchers-state.ts'

const NAME = 'codes.csv'
const WRONG = '!'

/** Codes that are on the shelf from the beginning, codes that are not, and lines that say nothing. */
const CODES = ['0', '1', 'a', 'a', 'b', 'b', 'c', 'd', 'e', 'f', WRONG]

/** A file of codes comes into the stock; again and again under its key, until somebody has heard what became of it. */
export function uploadAction(scene: VoucherScene, state: VoucherState): VoucherAction {
  const { pick, stage, stores } = scene
  const { brand } = stores.stock
  const old = Object.keys(state.uploads)
  const key = old.length > 0 && pick([false, false, true]) ? pick(old) : `f${old.length + 1}`
  const before = state.uploads[key]?.codes
  const codes =
    before && pick([true, true, false]) ? before : Array.from({ length: 1 + pick([0, 1, 2, 3]) }, () => pick(CODES))
  const text = ['value,code', ...codes.map((code) => (code === WRONG ? '10.00,' : `10.00,${stage.tag}-${code}`))].join(
    '\n',
  )
  return {
    text: `${key} brings ${codes.join(' ')}`,
    several: true,
    async run(deps) {
      async function* source() {
        yield Buffer.from(text)
      }
      const upload = { brand, name: NAME, actor: 'simulator', key: `${stage.tag} ${key}`, source: source() }
      try {
        const { report } = await importStock({ ...deps, log: { warn() {} } }, upload)
        return `ok ${showCounts(report)}`
      } catch (error) {
        if (error instanceof UploadConflict) return 'no conflict'
        throw error
      }
    },
    model(now) {
      const it = now.uploads[key]
      if (it?.counts) {
        if (it.codes?.join() !== codes.join()) return [no(now, 'conflict')]
        return [{ state: withUpload(now, key, { ...it, done: true }), answer: `ok ${it.counts}` }]
      }
      const begun = withUpload(now, key, { codes: null, counts: null, done: false })
      const { counts, added } = judged(now, codes)
      const written: VoucherState = {
        ...withUpload(now, key, { codes, counts, done: false }),
        codes: [...now.codes, ...added],
        stock: now.stock + added.length,
      }
      const done = withUpload(written, key, { codes, counts, done: true })
      return [interrupted(begun), interrupted(written), { state: done, answer: `ok ${counts}` }]
    },
  }
}

const withUpload = (state: VoucherState, key: string, upload: Upload): VoucherState => ({
  ...state,
  uploads: { ...state.uploads, [key]: upload },
})

/** What becomes of each line. */
function judged(state: VoucherState, codes: readonly string[]): { counts: string; added: string[] } {
  const added = new Set<string>()
  const counts = { lines: codes.length, added: 0, in_file: 0, in_stock: 0, malformed: 0 }
  for (const code of codes) {
    if (code === WRONG) counts.malformed++
    else if (added.has(code)) counts.in_file++
    else if (state.codes.includes(code)) counts.in_stock++
    else added.add(code)
  }
  counts.added = added.size
  return { counts: showCounts(counts), added: [...added] }
}

type Counts = { lines: number; added: number; in_file: number; in_stock: number; malformed: number }
const showCounts = ({ lines, added, in_file, in_stock, malformed }: Counts): string =>
  [lines, added, in_file, in_stock, malformed].join(' ')
