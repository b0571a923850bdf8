import { html } from 'hono/html'
import type { Markup } from '../layout.ts'
import type { Course } from './course.ts'

const WIDTH = 600
const HEIGHT = 120
/** Room above and below the line, so that its stroke is not cut. */
const MARGIN = 6

type StepLabel = (point: Course[number]) => string

/**
 * The course as a line of steps. Without a script, style or text in it: the sheet colours it, and it is stretched to the place it
 * gets, so what must be read stands beside it.
 * @param label all that the picture says, in words
 * @param stepLabel what is shown while the pointer rests on a step
 */
export function courseChart(course: Course, label: string, stepLabel: StepLabel | null): Markup {
  const [low, high] = extent(course.map(({ balance }) => balance))
  const start = course[0]?.at.getTime() ?? 0
  const span = Math.max(1, (course.at(-1)?.at.getTime() ?? 0) - start)
  const x = (at: Date | undefined) => (at ? round(((at.getTime() - start) / span) * WIDTH) : WIDTH)
  const y = (balance: bigint) =>
    low === high
      ? HEIGHT / 2
      : round(HEIGHT - MARGIN - (Number(balance - low) / Number(high - low)) * (HEIGHT - 2 * MARGIN))
  const line = course.map(({ at, balance }, index) => `${index === 0 ? 'M0 ' : `H${x(at)}V`}${y(balance)}`).join('')
  const steps = stepLabel
    ? course.slice(0, -1).map((point, index) => {
        const width = round(x(course[index + 1]?.at) - x(point.at))
        return html`<rect class="course-step" x="${x(point.at)}" y="0" width="${width}" height="${HEIGHT}"><title>${stepLabel(point)}</title></rect>`
      })
    : ''
  return html`<svg class="course" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">
<path class="course-area" d="${line}V${HEIGHT}H0Z"/>
${low < 0n && high > 0n ? html`<path class="course-zero" d="M0 ${y(0n)}H${WIDTH}"/>` : ''}
<path class="course-line" d="${line}"/>${steps}</svg>`
}

/** @returns the least and the greatest; of nothing, zero */
export function extent(values: readonly bigint[]): [bigint, bigint] {
  const first = values[0] ?? 0n
  return values.reduce<[bigint, bigint]>(
    ([low, high], value) => [value < low ? value : low, value > high ? value : high],
    [first, first],
  )
}

const round = (value: number) => Math.round(value * 100) / 100
