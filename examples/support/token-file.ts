import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TokenSet, TokenStore } from '#sdk/index.ts'
import { home } from './sandbox.ts'

/**
 * Tokens of one owner's consent in a file for its owner's eyes only. A new pair replaces the old one whole or not at all, so that
 * a program that dies meanwhile finds one of the two.
 */
export function tokenFile(name: string): TokenStore {
  const path = join(home, 'examples', `${name}.json`)
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch(() => null)
      return text === null ? null : (JSON.parse(text) as TokenSet)
    },
    async save(tokens) {
      const draft = `${path}.${process.pid}`
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await writeFile(draft, JSON.stringify(tokens), { mode: 0o600, flush: true })
      await rename(draft, path)
    },
  }
}
