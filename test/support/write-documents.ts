import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { commandReference } from '../../src/cli/reference.ts'

// A program: writes what docs/cli.md has of the table of commands. A test of the house compares the two.
const file = fileURLToPath(new URL('../../docs/cli.md', import.meta.url))
const MARK = '<!-- commands: made by test/support/write-documents.ts -->'
const [introduction = ''] = readFileSync(file, 'utf8').split(MARK)
writeFileSync(file, `${introduction}${MARK}\n\n${commandReference()}\n`)
