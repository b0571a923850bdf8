import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { tilloErrors } from '#sdk/tillo/error-codes.ts'
import { walleoErrors } from '#sdk/walleo/error-codes.ts'
import { apiDocuments } from '../../src/api-documents.ts'
import { type OpenApiDocument, operationsOf, parametersOf, resolve } from '../../src/openapi/document.ts'
import { API_NAMES, type ApiName } from '../../src/openapi/names.ts'
import { PROBLEM_CODES } from '../../src/protocols/admin/problem.ts'
import { errors as jackpotErrors } from '../../src/protocols/jackpot/errors.ts'
import { problemTypes } from '../../src/protocols/pledg/errors.ts'
import { errors as walleoRefusals } from '../../src/protocols/walleo/errors.ts'
import { refusals } from '../../src/protocols/webwallet/errors.ts'
import { differences } from '../protocols/admin/json-schema.ts'

const documents = {} as Record<ApiName, OpenApiDocument>
before(async () => {
  for (const name of API_NAMES) documents[name] = await apiDocuments[name]()
})

test('the linter finds nothing by its recommended rules, neither errors nor warnings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'billfold-openapi-'))
  const cli = fileURLToPath(import.meta.resolve('@redocly/cli/bin/cli.js'))
  try {
    const files = API_NAMES.map((name) => {
      const file = join(folder, `${name}.json`)
      writeFileSync(file, JSON.stringify(documents[name]))
      return file
    })
    const ran = spawnSync(process.execPath, [cli, 'lint', '--extends=recommended', '--format=json', ...files], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        REDOCLY_TELEMETRY: 'off',
        REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
        // Nobody is asked for anything: each document stands for itself.
        HTTPS_PROXY: 'http://127.0.0.1:9',
        HTTP_PROXY: 'http://127.0.0.1:9',
      },
    })
    // One JSON text for each file, one after the other.
    const reports = ran.stdout
      .split(/(?<=^\})\s*(?=\{)/m)
      .filter((text) => text.trim() !== '')
      .map((text) => JSON.parse(text))
    assert.equal(reports.length, files.length, ran.stderr)
    for (const { totals, problems } of reports) {
      assert.deepEqual(problems, [])
      assert.deepEqual(totals, { errors: 0, warnings: 0, ignored: 0 })
    }
    assert.equal(ran.status, 0, ran.stderr)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('nothing in a document is of a machine, and each is the same every time', async () => {
  for (const name of API_NAMES) {
    const text = JSON.stringify(documents[name])
    assert.doesNotMatch(text, /file:\/\/|localhost|\/(?:home|root|tmp|usr|work|src)\/|node_modules|node:/, name)
    assert.equal(JSON.stringify(await apiDocuments[name]()), text)
    for (const { url } of documents[name].servers) assert.match(url, /^\//)
  }
})

test('every call has a name of its own, a group, a summary, an answer, and words for how it is proven', () => {
  for (const name of API_NAMES) {
    const document = documents[name]
    const calls = operationsOf(document)
    assert.equal(new Set(calls.map(({ operation }) => operation.operationId)).size, calls.length, name)
    const tags = document.tags.map((tag) => tag.name)
    for (const { path, operation } of calls) {
      assert.ok(tags.includes(operation.tags[0] ?? ''), path)
      assert.ok(operation.summary.length > 3, path)
      for (const requirement of operation.security ?? document.security)
        for (const scheme of Object.keys(requirement)) {
          assert.ok((document.components.securitySchemes[scheme]?.description.length ?? 0) > 20, `${path} ${scheme}`)
        }
    }
    for (const one of calls) {
      for (const { name: parameter, description } of parametersOf(one))
        assert.ok(description, `${name} ${one.path} ${parameter}`)
    }
  }
})

test('every example of a body and of an answer is what its schema says', () => {
  for (const name of API_NAMES) {
    const document = documents[name]
    let count = 0
    for (const { path, operation } of operationsOf(document)) {
      const contents = [
        operation.requestBody?.content,
        ...Object.values(operation.responses).map((one) => resolve(document, one).content),
      ]
      for (const content of contents) {
        for (const { schema, examples } of Object.values(content ?? {})) {
          for (const [key, { value }] of Object.entries(examples ?? {})) {
            if (!schema || schema.format === 'binary') continue
            assert.deepEqual(differences(schema, value, document), [], `${name} ${path} ${key}`)
            count++
          }
        }
      }
    }
    assert.ok(name === 'admin' || count > 5, `${name}: ${count}`)
  }
})

test('every body has an example', () => {
  for (const name of API_NAMES) {
    const document = documents[name]
    for (const { path, operation } of operationsOf(document)) {
      for (const { schema, examples } of Object.values(operation.requestBody?.content ?? {})) {
        const own = schema && resolve(document, schema).examples
        assert.ok(Object.keys(examples ?? {}).length > 0 || (own?.length ?? 0) > 0, `${name} ${path}`)
      }
    }
  }
})

test('every code of each protocol’s table is in its document, with its status and in words', () => {
  const tables: Partial<Record<ApiName, readonly string[]>> = {
    webwallet: [...new Set(Object.values(refusals).map(({ code }) => code))],
    walleo: [...Object.keys(walleoErrors), ...Object.keys(walleoRefusals)],
    tillo: Object.keys(tilloErrors),
    pledg: Object.keys(problemTypes),
    jackpot: Object.keys(jackpotErrors),
    admin: PROBLEM_CODES,
  }
  for (const name of API_NAMES) {
    const rows = new Map(documents[name]['x-errors'].map((row) => [row.code, row]))
    for (const code of tables[name] ?? []) assert.ok(rows.has(code), `${name} ${code}`)
    for (const { code, status, meaning } of rows.values())
      assert.ok(
        status.length > 0 && status.every((one) => one >= 400 && one < 600) && meaning.length > 3,
        `${name} ${code}`,
      )
    // What a call may be refused with is a row of the table, under a status that the row has.
    for (const { path, operation } of operationsOf(documents[name])) {
      for (const [status, response] of Object.entries(operation.responses)) {
        const examples = Object.values(resolve(documents[name], response).content ?? {})[0]?.examples ?? {}
        if (Number(status) < 400) continue
        for (const code of Object.keys(examples)) {
          const row = rows.get(code)
          assert.ok(row?.status.includes(Number(status)) || name === 'tillo', `${name} ${path} ${status} ${code}`)
        }
      }
    }
  }
})

test('what is refused for now says by a header when to come back, and what a viewer may not change is told apart', () => {
  for (const name of API_NAMES) {
    const document = documents[name]
    let told = 0
    for (const { path, operation } of operationsOf(document)) {
      for (const status of ['429', '503']) {
        const response = operation.responses[status]
        if (!response) continue
        const header = resolve(document, response).headers?.['Retry-After']
        assert.equal(header && resolve(document, header).schema?.type, 'integer', `${name} ${path} ${status}`)
        told++
      }
    }
    assert.ok(told > 0, name)
  }
  for (const { path, method, operation } of operationsOf(documents.pledg)) {
    const viewers = operation.responses['403']
    assert.equal(viewers !== undefined, method === 'post' && path.startsWith('/api/purchases/'), path)
    if (viewers) assert.match(resolve(documents.pledg, viewers).description ?? '', /authentication_error.*viewer/)
    assert.ok(operation.responses['429'], path)
  }
})

test('the WebWallet’s table is that of docs/webwallet.md, statuses too', () => {
  const page = readFileSync(new URL('../../docs/webwallet.md', import.meta.url), 'utf8')
  const errors = page.split('\n## Errors')[1]?.split('\n## ')[0] ?? ''
  const rows = new Map(documents.webwallet['x-errors'].map(({ code, status }) => [code, status[0]]))
  const told = [...errors.matchAll(/^\| ([^|]+) \| (\d{3}) \|/gm)].flatMap(([, cell = '', status]) =>
    [...cell.matchAll(/`([a-z0-9-]+)`/g)].map(([, code]) => [code as string, Number(status)] as const),
  )
  assert.ok(told.length > 60)
  for (const [code, status] of told) assert.equal(rows.get(code), status, code)
  assert.deepEqual(
    [...rows.keys()].filter((code) => !told.some(([one]) => one === code)),
    [],
  )
})
