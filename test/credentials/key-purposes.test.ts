import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import { createDashboardLogin } from '../../src/credentials/dashboard-login.ts'
import { createDeviceMarks } from '../../src/credentials/device-mark.ts'
import { findJournalKey } from '../../src/credentials/journal-key.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { createPasskeyChallenges } from '../../src/credentials/passkey-challenge.ts'
import { createPasswords } from '../../src/credentials/password.ts'
import { createSharedRates } from '../../src/credentials/shared-rates.ts'
import { createThrottle } from '../../src/credentials/throttle.ts'
import { createVoucherUrls } from '../../src/credentials/voucher-url.ts'

test('each use of the root key has a key of its own, whose name never changes', async () => {
  const purposes: string[] = []
  const ring = createKeyring([randomBytes(32)])
  const keyring = {
    ...ring,
    derive(purpose: string) {
      purposes.push(purpose)
      return ring.derive(purpose)
    },
    deriveEach(purpose: string) {
      purposes.push(purpose)
      return ring.deriveEach(purpose)
    },
  }
  const query = async (_: string, [name]: readonly unknown[] = []) => {
    purposes.push(String(name))
    return []
  }
  const db = { query } as never
  createVoucherUrls(keyring)
  createDeviceMarks(keyring)
  createPasskeyChallenges({ keyring, clock: Date.now })
  createThrottle(keyring)
  createDashboardLogin({ db, keyring, passwords: createPasswords() })
  createSharedRates({ db, keyring, log: { warn() {}, info() {} } })
  await findJournalKey({ db, keyring })
  // With another name all that was signed under the old one would be worth nothing after an upgrade.
  assert.deepEqual(purposes, [
    'voucher-url',
    'device-marks',
    'passkey-challenges',
    'throttle',
    'throttle',
    'dashboard-login',
    'request-rates',
    'journal-key',
  ])
  const keys = [...new Set(purposes)].map((purpose) => ring.derive(purpose).toString('hex'))
  assert.equal(new Set(keys).size, 7)
})
