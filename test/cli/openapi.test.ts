import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiDocuments } from '../../src/api-documents.ts'
import { API_NAMES } from '../../src/openapi/names.ts'
import { billfold } from './billfold.ts'

test('billfold openapi prints each document, and the collection of it', async () => {
  for (const name of API_NAMES) {
    const ran = await billfold(['openapi', name])
    assert.equal(ran.status, 0, ran.stderr)
    assert.deepEqual(JSON.parse(ran.stdout), JSON.parse(JSON.stringify(await apiDocuments[name]())))
  }
  const ran = await billfold(['openapi', 'walleo', '--postman', '--url', 'https://billfold.example'])
  const { variable, info } = JSON.parse(ran.stdout)
  assert.match(info.schema, /v2\.1\.0/)
  assert.deepEqual(variable[0], { key: 'baseUrl', value: 'https://billfold.example' })
})

test('what is no protocol, or no address, is a wrong call', async () => {
  for (const args of [[], ['paypal'], ['walleo', 'tillo'], ['walleo', '--postman', '--url', 'billfold.example/x']]) {
    const ran = await billfold(['openapi', ...args])
    assert.equal(ran.status, 2, args.join(' '))
    assert.equal(ran.stdout, '')
  }
})
