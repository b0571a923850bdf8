import assert from 'node:assert/strict'
import test from 'node:test'
import { checkImports, importsOf } from '../support/import-rules.ts'

const refused: [file: string, line: string][] = [
  ['src/domain/money.ts', "import { openDatabase } from '../storage/database.ts'"],
  ['src/domain/money.ts', "import type { Sql } from '../storage/database.ts'"],
  ['src/domain/money.ts', "import pg from 'pg'"],
  ['src/storage/wallets.ts', "import { openWallet } from '../operations/open-wallet.ts'"],
  ['src/ledger/committer.ts', "import { createPages } from '../pages/pages.ts'"],
  ['src/credentials/keyring.ts', "import { readBalance } from '../ledger/reads.ts'"],
  ['src/operations/open-wallet.ts', "import { fund } from '../protocols/webwallet/fund.ts'"],
  ['src/operations/open-wallet.ts', "import { readConfig } from '../config.ts'"],
  ['src/protocols/webwallet/pay.ts', "import { createOauth } from '../oauth/oauth.ts'"],
  ['src/protocols/webwallet/pay.ts', "import '../../protocols/admin/routes.ts'"],
  ['src/protocols/webwallet/pay.ts', "import { x } from './../oauth/oauth.ts'"],
  ['src/protocols/webwallet/deep/pay.ts', "import { x } from '../../oauth/oauth.ts'"],
  ['src/pages/pages.ts', "import { x } from '../domain/../protocols/oauth/oauth.ts'"],
  ['src/pages/pages.ts', "type T = import('../protocols/oauth/oauth.ts').Oauth"],
  ['src/pages/pages.ts', "export * from '../worker/worker.ts'"],
  ['src/pages/pages.ts', "const file = new URL('../engine/supervisor.ts', import.meta.url)"],
  ['src/engine/home.ts', "import { openDatabase } from '../storage/database.ts'"],
  ['src/http/node.ts', "import { x } from '../metrics.ts'"],
  ['src/worker/worker.ts', "import {\n  a,\n  type B,\n} from '../cli/start.ts'"],
  ['sdk/src/index.ts', "import { hash } from 'node:crypto'"],
  ['sdk/src/index.ts', "import { x } from '../../src/domain/money.ts'"],
  ['src/cards/issue.ts', ''],
  ['src/ledger/committer.ts', "import { simulate } from '../../assurance/simulate.ts'"],
  ['src/cli/start.ts', "import { simulate } from '../../test/simulation/simulate.ts'"],
]

for (const [file, line] of refused) {
  test(`${file} may not say: ${line.replaceAll('\n', ' ')}`, () => {
    assert.equal(checkImports(file, `${line}\n`).length, 1)
  })
}

const allowed: [file: string, line: string][] = [
  ['assurance/simulate.ts', "import { simulate } from '../test/simulation/simulate.ts'"],
  ['src/domain/money.ts', "import { isExactNumber } from '#sdk/protocol/exact-number.ts'"],
  ['src/domain/uuid.ts', "import { randomUUID } from 'node:crypto'"],
  ['src/storage/wallets.ts', "import type { Effect } from '../ledger/command.ts'"],
  ['src/ledger/postgres-store.ts', "import { PipelineError } from '../storage/pipeline.ts'"],
  ['src/operations/open-wallet.ts', "import type { Deps } from '../deps.ts'"],
  ['src/protocols/webwallet/pay.ts', "import { z } from 'zod'\nimport { x } from '../../operations/x.ts'"],
  ['src/engine/home.ts', "import type { DatabaseConnection } from '../storage/database.ts'"],
  ['src/main.ts', "import { startWorker } from './worker/worker.ts'"],
  ['sdk/src/webwallet/client.ts', "import { x } from '../protocol/envelope.ts'"],
]

for (const [file, line] of allowed) {
  test(`${file} may say: ${line.replaceAll('\n', ' ')}`, () => {
    assert.deepEqual(checkImports(file, `${line}\n`), [])
  })
}

test('a finding names the line', () => {
  const [finding] = checkImports('src/domain/a.ts', "import { a } from './b.ts'\n\nimport { c } from '../cli/c.ts'\n")
  assert.match(finding ?? '', /^src\/domain\/a\.ts:3: /)
})

test('every form of import is seen', () => {
  const source = `import a from 'one'
import 'two'
export { b } from 'three'
import c, { type D } from 'four'
import * as e from 'five'
const f = await import('six')
import g from './seven.json' with { type: 'json' }
`
  assert.deepEqual(
    importsOf(source)
      .map(({ specifier }) => specifier)
      .sort(),
    ['./seven.json', 'five', 'four', 'one', 'six', 'three', 'two'],
  )
})
