import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { Hono } from 'hono'

const TYPES = {
  'style.css': 'text/css; charset=utf-8',
  'console/console.css': 'text/css; charset=utf-8',
  'console/chart.js': 'text/javascript; charset=utf-8',
  'console/stock.js': 'text/javascript; charset=utf-8',
  'uplot.css': 'text/css; charset=utf-8',
  'uplot.js': 'text/javascript; charset=utf-8',
  'copy.js': 'text/javascript; charset=utf-8',
  'wallet/wallet.css': 'text/css; charset=utf-8',
  'cards/cards.css': 'text/css; charset=utf-8',
  'checkout/checkout.css': 'text/css; charset=utf-8',
  'cards/print.js': 'text/javascript; charset=utf-8',
  'till/till.js': 'text/javascript; charset=utf-8',
  'reference/reference.css': 'text/css; charset=utf-8',
  'tools/tools.css': 'text/css; charset=utf-8',
  'wallet/redeem.js': 'text/javascript; charset=utf-8',
  'embed/embed.css': 'text/css; charset=utf-8',
  'embed/frame.js': 'text/javascript; charset=utf-8',
  'factors/passkey.js': 'text/javascript; charset=utf-8',
  'logo.svg': 'image/svg+xml',
} as const

export type AssetName = keyof typeof TYPES

/** Those that come as they are from a package. */
const PACKAGED: Partial<Record<AssetName, string>> = {
  'uplot.css': 'uplot/dist/uPlot.min.css',
  'uplot.js': 'uplot/dist/uPlot.iife.min.js',
}

const addressOf = (name: AssetName): URL => {
  const packaged = PACKAGED[name]
  return packaged === undefined ? new URL(name, import.meta.url) : new URL(import.meta.resolve(packaged))
}

export type Assets = {
  /** the address under which this very content is cached for ever */
  url(name: AssetName): string
  routes: Hono
}

/** The files that pages refer to, read once. The address carries a hash of the content, so a new version is a new address. */
export function createAssets(): Assets {
  const routes = new Hono()
  const urls = new Map<AssetName, string>()
  for (const name of Object.keys(TYPES) as AssetName[]) {
    const content = readFileSync(addressOf(name), 'utf8')
    const version = hash('sha256', content, 'hex').slice(0, 16)
    urls.set(name, `/assets/${name}?v=${version}`)
    let compressed: Uint8Array<ArrayBuffer> | undefined
    routes.get(`/assets/${name}`, (c) => {
      // Without the hash, or with an old one, what is stored must be asked for again.
      const forEver = c.req.query('v') === version
      c.header('cache-control', forEver ? 'public, max-age=31536000, immutable' : 'no-cache')
      c.header('content-type', TYPES[name])
      c.header('vary', 'accept-encoding')
      // Nothing here is secret, so what a page must not do for what compression tells, a file may.
      const small = /\bgzip\b(?!;\s*q=0(?:\.0+)?\s*(?:,|$))/.test(c.req.header('accept-encoding') ?? '')
      const tag = `"${version}${small ? '-gzip' : ''}"`
      c.header('etag', tag)
      if (c.req.header('if-none-match') === tag) return c.body(null, 304)
      if (!small) return c.body(content)
      compressed ??= new Uint8Array(gzipSync(content, { level: 9 }))
      c.header('content-encoding', 'gzip')
      return c.body(compressed)
    })
  }
  return { url: (name) => urls.get(name) as string, routes }
}
