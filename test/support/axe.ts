import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/**
 * What axe finds on a page that keeps somebody from using it: findings of serious and critical impact, one line each.
 * @param rules only these; absent: all that axe has
 */
export async function seriousFindings(page: Page, rules?: string[]): Promise<string[]> {
  // The checker is half a megabyte: a document that has it already is not given it again.
  const there = await page.evaluate(() => 'axe' in window)
  const builder = new AxeBuilder({ page, ...(there && { axeSource: ';' }) })
    .options({ resultTypes: ['violations'] })
    // In the page itself, where no frame has to be asked; else every run opens a blank page to put the frames' results together.
    .setLegacyMode(page.frames().length === 1)
  const { violations } = await (rules ? builder.withRules(rules) : builder).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}
