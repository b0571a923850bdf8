import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Installation, openInstallation, type Plant } from './installation.ts'
import { findBug } from './lives.ts'
import { PLANTED_BUGS } from './planted-bugs.ts'

const LIVES = 1_000

// Each begins with a life that is known to find it, because seventeen bugs take too long from the first life on; all of them are looked for
// from there by `assurance/simulate-operations.ts --bugs`.
const BEGIN: Readonly<Record<string, number>> = {
  'keys are not looked at': 25,
  'a key is good for any content': 1,
  'refunds of a payment are not added up': 20,
  'an invoice that was paid stays open': 24,
  'a transaction token is not used up': 25,
  'what operators move alone is not counted': 145,
  'the second person may be the first': 77,
  'a purchase that is released goes on to hold': 143,
  'the remainder is in the last part': 8,
  'credits of a purchase are not added up': 11,
  'a limit that is set stays as it was': 67,
  'a token opens a session again': 19,
  'a step of a voucher is not kept': 19,
  'codes of an upload are worked off again': 75,
  'a request of a partner is good for twice': 22,
  'limits of a day count nothing': 13,
  'limits of a day count for the partner alone': 55,
}

// Beside each other: a life waits for the database most of its time.
describe(`the simulator of operations finds within ${LIVES} lives that`, { concurrency: true }, () => {
  let installation: Installation
  before(async () => {
    installation = await openInstallation()
  })
  after(() => installation.close())

  for (const [bug, from] of Object.entries(BEGIN)) {
    test(bug, async () => {
      const found = await findBug(installation, PLANTED_BUGS[bug] as Plant, { most: LIVES, from, atOnce: 1 })
      assert.ok(found, 'not found')
    })
  }
})
