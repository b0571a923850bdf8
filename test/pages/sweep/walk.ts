import type { BrowserContext, Page } from 'playwright-core'
import { type Inspected, inspect } from './inspect.ts'

export type Visited = Inspected & { path: string; route: string }

/** Routes as the table has them: the first that fits a path is the one that the server takes. */
export function createMatcher(routes: readonly string[]): (path: string) => string | undefined {
  const patterns = routes.map((route) => ({
    route,
    pattern: new RegExp(
      `^${route
        .replaceAll('.', '\\.')
        .replace(/:\w+\{(.+?)\}$/, '(?:$1)')
        .replace(/:\w+/g, '[^/]+')}$`,
    ),
  }))
  return (path) => patterns.find(({ pattern }) => pattern.test(path))?.route
}

/**
 * Goes from page to page by their links, as somebody who is signed in there may, and looks at one page of every route.
 * @param from where to begin; looked at whoever else has been there
 * @param known routes that are no pages, or that another visitor has looked at; those looked at here come to it
 */
export async function walkPages(
  context: BrowserContext,
  url: string,
  { from, match, known }: { from: readonly string[]; match(path: string): string | undefined; known: Set<string> },
): Promise<Visited[]> {
  const waiting = [...from]
  const asked = new Set<string>()
  const visited: Visited[] = []
  const note = (path: string) => {
    const route = match(path.split('?')[0] as string)
    if (route === undefined || known.has(route) || asked.has(route)) return
    asked.add(route)
    waiting.push(path)
  }
  const work = async (page: Page) => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const answer = await page.goto(url + path, { waitUntil: 'load' })
      const route = match(new URL(page.url()).pathname)
      const wanted = from.includes(path)
      if (wanted && (answer === null || answer.status() >= 500)) throw new Error(`${path} answers ${answer?.status()}`)
      // What is not there for this visitor may be for the next one; but some pages only say what is wrong.
      if (route === undefined || (!wanted && (!answer?.ok() || known.has(route)))) continue
      known.add(route)
      const seen = await page.evaluate(inspect, false)
      for (const link of seen.links) note(link)
      visited.push({ path, route, ...seen })
    }
  }
  const [first, second] = [await context.newPage(), await context.newPage()]
  // Only its links tell the other one where to go.
  const beginning = waiting.splice(1)
  await work(first)
  waiting.push(...beginning)
  await Promise.all([work(first), work(second)])
  await Promise.all([first.close(), second.close()])
  return visited
}
