import assert from 'node:assert/strict'
import test from 'node:test'
import { framersOf, isFramer } from '../../../src/pages/embed/framers.ts'

test('a domain stands for itself under https, and in a sandbox under http, too', () => {
  assert.deepEqual(framersOf(['shop.example', '*.shop.example:8443'], 'production'), [
    'https://shop.example',
    'https://*.shop.example:8443',
  ])
  assert.deepEqual(framersOf(['localhost:*'], 'sandbox'), ['https://localhost:*', 'http://localhost:*'])
})

test('an origin stands for itself, but without TLS in a sandbox only', () => {
  const domains = ['https://shop.example', 'http://127.0.0.1:3000']
  assert.deepEqual(framersOf(domains, 'production'), ['https://shop.example'])
  assert.deepEqual(framersOf(domains, 'sandbox'), domains)
})

test('nothing that could end the directive or widen it gets into it', () => {
  const domains = [
    '*',
    'https:',
    "'self'",
    'shop.example; script-src *',
    'shop.example other.example',
    'shop.example\n',
    'https://shop.example/path',
    'https://user@shop.example',
    'data:',
    '',
    'shop.*',
  ]
  assert.deepEqual(framersOf(domains, 'sandbox'), [])
})

test('an origin is held against host, scheme and port', () => {
  const framers = framersOf(
    ['shop.example', '*.partner.example', '127.0.0.1:*', 'https://one.example:443'],
    'production',
  )
  const asked = {
    'https://shop.example': true,
    'http://shop.example': false,
    'https://shop.example:8443': false,
    'https://www.shop.example': false,
    'https://shop.example.evil.example': false,
    'https://evilshop.example': false,
    'https://a.partner.example': true,
    'https://a.b.partner.example': true,
    'https://partner.example': false,
    'https://evilpartner.example': false,
    'https://127.0.0.1:9999': true,
    'https://127.0.0.1': true,
    'https://one.example': true,
    null: false,
    '': false,
    'https://shop.example/': false,
    'HTTPS://SHOP.EXAMPLE': false,
  }
  for (const [origin, wanted] of Object.entries(asked)) assert.equal(isFramer(origin, framers), wanted, origin)
})
