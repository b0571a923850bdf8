import { hash } from 'node:crypto'
import type { Brand } from '../../storage/brands.ts'
import { listBrands } from '../../storage/brands.ts'
import type { Context, Handle } from './call.ts'
import { TilloProblem } from './errors.ts'
import { readQuery } from './read-request.ts'
import { readings } from './readings.ts'
import { queries } from './schema.ts'
import { zip } from './zip.ts'

/** @throws {TilloProblem} 716 */
export function requireTemplate(template: string | undefined): void {
  if (template === undefined || template === readings.template) return
  throw new TilloProblem('716', `There is no template [${template.slice(0, 64)}]`)
}

/** `GET /templates`: which versions there are, by brand and template. */
export const listTemplates: Handle = async ({ db, gift, offers }, { query }) => {
  const { brand: slug, template } = readQuery(queries.templates, query)
  requireTemplate(template)
  const brands =
    slug === undefined ? await listBrands(db, 'tillo') : [{ code: slug, brand: await offers.require(slug) }]
  const templates = Object.fromEntries(
    brands.map(({ code, brand }) => [code, { [readings.template]: versionOf(filesOf(code, brand)) }]),
  )
  return {
    message: 'Templates retrieved successfully',
    data: { templates, last_refreshed_at: new Date(gift.clock()).toISOString() },
  }
}

/** `GET /template`: a brand's template with its texts, as an archive. */
export const readTemplate: Handle = async ({ offers }: Context, { query }) => {
  const { brand: slug, template, version } = readQuery(queries.template, query)
  requireTemplate(template)
  const files = filesOf(slug, await offers.require(slug))
  if (version !== undefined && version !== versionOf(files))
    throw new TilloProblem('716', `The template has no version [${version.slice(0, 64)}]`)
  return {
    bytes: zip(files),
    type: 'application/zip',
    name: `${slug}-${readings.template}-${versionOf(files)}.zip`,
  }
}

type Files = ReadonlyMap<string, string>

/** Changes with the content and with nothing else. */
const versionOf = (files: Files): string => hash('sha256', JSON.stringify([...files]), 'hex').slice(0, 12)

/** The brand's texts, and a page that they stand in. */
function filesOf(slug: string, brand: Brand): Files {
  const texts = Object.entries(brand.texts).filter(([, value]) => typeof value === 'string')
  const shown = { slug, name: brand.name, currency: brand.asset.code, ...Object.fromEntries(texts) }
  return new Map([
    ['template.html', PAGE],
    ['texts.json', `${JSON.stringify(shown, null, 2)}\n`],
  ])
}

const PAGE = `<!doctype html>
<html lang="{{language}}">
  <head>
    <meta charset="utf-8">
    <title>{{name}}</title>
  </head>
  <body>
    <img src="{{logo_url}}" alt="{{name}}">
    <p>{{to_name}}</p>
    <p>{{message}}</p>
    <p>{{from_name}}</p>
    <p>{{face_value}}</p>
    <p><a href="{{url}}">{{redemption_message}}</a></p>
    <p>{{term_of_use}}</p>
  </body>
</html>
`
