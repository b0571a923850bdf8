import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, jwtVerify } from 'jose'
import { createDpop } from '#sdk/webwallet/dpop.ts'

const request = { method: 'POST', url: 'https://wallets.example/us:1:USD/payments?a=1#b' }

test('a proof is a JWT of the key it carries, for one request, made now, different each time', async () => {
  const dpop = await createDpop({ clock: () => 1_750_000_000_500 })
  const proof = await dpop.proof(request)
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
    typ: 'dpop+jwt',
    algorithms: ['ES256'],
    currentDate: new Date(1_750_000_000_500),
  })
  const { jti, ...claims } = payload
  assert.deepEqual(claims, { htm: 'POST', htu: 'https://wallets.example/us:1:USD/payments', iat: 1_750_000_000 })
  assert.match(String(jti), /^[0-9a-f-]{36}$/)
  assert.deepEqual(Object.keys(protectedHeader.jwk ?? {}).sort(), ['crv', 'kty', 'x', 'y'])
  assert.equal(dpop.thumbprint, await calculateJwkThumbprint(protectedHeader.jwk ?? {}))
  assert.notEqual(await dpop.proof(request), proof)
})

test('a proof for a token carries its hash', async () => {
  const dpop = await createDpop()
  const { payload } = await jwtVerify(await dpop.proof({ ...request, accessToken: 'token' }), EmbeddedJWK)
  assert.equal(payload.ath, createHash('sha256').update('token').digest('base64url'))
})

test('a pair kept from before serves on; its private key cannot be exported', async () => {
  const { keys, thumbprint } = await createDpop()
  const again = await createDpop({ keys })
  assert.equal(again.thumbprint, thumbprint)
  assert.equal(keys.privateKey.extractable, false)
  const { jwk } = decodeProtectedHeader(await again.proof(request))
  assert.equal(await calculateJwkThumbprint(jwk ?? {}), thumbprint)
})
