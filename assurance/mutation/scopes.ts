/** What is mutated together, and the tests that must notice. */
export type Scope = { files: string; without?: RegExp; tests: readonly string[]; database: boolean }

export const scopes: Record<string, Scope> = {
  domain: {
    files: 'src/domain/*.ts',
    tests: ['test/domain/*.test.ts', 'test/pages/wallet/amount.test.ts'],
    database: false,
  },
  protocol: {
    files: 'sdk/src/protocol/*.ts',
    tests: [
      'test/sdk/protocol/*.test.ts',
      'test/sdk/{jackpot,pledg,tillo,walleo}/{signing,verification}.test.ts',
      'test/sdk/webwallet/{error-codes,transport}.test.ts',
    ],
    database: false,
  },
  ledger: {
    files: 'src/ledger/**/*.ts',
    tests: ['test/ledger/**/*.test.ts', 'assurance/mutation/*.test.ts'],
    // They wait for limits to pass, or take half a minute: too dear to run for every change.
    without: /connection-faults|replicas|stores-agree/,
    database: true,
  },
  credentials: {
    files: 'src/credentials/*.ts',
    tests: ['test/credentials/*.test.ts', 'test/operations/credentials.test.ts'],
    database: true,
  },
}
