import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wellView } from '../../../../src/pages/console/overview/well-view.ts'
import type { BackupRun } from '../../../../src/storage/backup-runs.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const HOUR = 3_600_000
const AGE = 26 * HOUR

const state = {
  failed_orders: 0,
  stuck_orders: 0,
  failed_deliveries: 0,
  failed_mails: 0,
  low_stock: 0,
  float_requests: 0,
  overdue: 0,
  fundings: 0,
  frozen: 0,
}
const audit = {
  id: '',
  principal: 'command line',
  started_at: new Date(NOW),
  ended_at: new Date(NOW),
  status: 'clean',
  step: '',
  done: 1,
  counts: {},
  findings: [],
  unlisted: 0,
} as const

const backupOf = (hours: number, verified = false): BackupRun => ({
  id: '',
  takenAt: new Date(NOW - hours * HOUR),
  endedAt: new Date(NOW),
  bytes: 9_000_000n,
  fileBytes: 2_345_678n,
  rows: 1n,
  verified,
})

const textOf = (backup: BackupRun | undefined, backupAge: number | null, language: 'en' | 'fr' = 'en') =>
  String(wellView({ state, audit, backup, backupAge, now: NOW }, language)).replaceAll(/<[^>]+>|\s+/g, ' ')

test('a production server that was never backed up, or too long ago, says so', () => {
  assert.match(textOf(undefined, AGE), /One thing needs you\. +Look +No backup was ever made/)
  assert.match(textOf(backupOf(27), AGE), /Look +The last backup is too old; it has 2\.3 MB, was not read again/)
})

test('a backup that is young enough is fine, with its size and whether it was read again', () => {
  const text = textOf(backupOf(25, true), AGE)
  assert.match(text, /All is well/)
  assert.match(text, /Fine +The last backup has 2\.3 MB, was read again and is whole/)
  assert.match(textOf(backupOf(25), AGE, 'fr'), /La dernière sauvegarde fait 2,3\sMo, pas relue/)
})

test('where nobody minds, none is missed, and an old one that is there is fine', () => {
  assert.doesNotMatch(textOf(undefined, null), /backup/)
  assert.match(textOf(backupOf(1000), null), /All is well/)
})
