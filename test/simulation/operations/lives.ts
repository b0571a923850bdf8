import { cards } from './cards.ts'
import type { Installation, Plant } from './installation.ts'
import { COUNTED, type Counts, type Family, type Lived, live, noCounts } from './life.ts'
import { partners } from './partners.ts'
import { purchases } from './purchases.ts'
import { vouchers } from './vouchers.ts'
import { wallets } from './wallets.ts'

/** What lives are about; the seed picks one. */
export const FAMILIES: readonly Family[] = [wallets, purchases, cards, vouchers, partners]

export type Summary = {
  readonly lives: number
  readonly broken: readonly Lived[]
  readonly counts: Counts
  readonly families: Record<string, number>
}

/** So many at once that they share commits, and no more than a pool of connections serves. */
const AT_ONCE = 32

/** Lives many lives beside each other, until `going` says no, or a promise was broken `most` times. */
export async function liveMany(
  installation: Installation,
  {
    from,
    going,
    plant = null,
    most = 1,
    families = FAMILIES,
    tell = () => {},
    atOnce = AT_ONCE,
  }: {
    from: number
    going: (lives: number) => boolean
    plant?: Plant | null
    most?: number
    families?: readonly Family[]
    /** told of a broken promise when it is found */
    tell?: (life: Lived) => void
    atOnce?: number
  },
): Promise<Summary> {
  const counts = noCounts()
  const lived: Record<string, number> = {}
  const broken: Lived[] = []
  let lives = 0
  async function work(): Promise<void> {
    while (broken.length < most && going(lives)) {
      const life = await live(installation, families, from + lives++, { plant })
      lived[life.family] = (lived[life.family] ?? 0) + 1
      for (const name of COUNTED) counts[name] += life.counts[name]
      if (life.violation === null) continue
      broken.push(life)
      tell(life)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return { lives, broken, counts, families: lived }
}

export type Found = { readonly seed: number; readonly violation: string; readonly lives: number }

/**
 * Lives with a planted bug until it is found. Without it the life that found it must be clean.
 * @param from where to begin: a life that is known to find it is found first
 * @returns null: not found
 */
export async function findBug(
  installation: Installation,
  plant: Plant,
  { most, from = 1, atOnce = AT_ONCE }: { most: number; from?: number; atOnce?: number },
): Promise<Found | null> {
  const { broken, lives } = await liveMany(installation, { from, going: (lived) => lived < most, plant, atOnce })
  const [life] = broken
  if (!life || life.violation === null) return null
  const { violation } = await live(installation, FAMILIES, life.seed)
  if (violation !== null) throw new Error(`life ${life.seed} is broken without a bug: ${violation}`)
  return { seed: life.seed, violation: life.violation, lives }
}
