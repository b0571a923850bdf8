import type { Ledger } from '../ledger/command.ts'
import type { Tracer } from './tracer.ts'

/** The same door. Outside of every trace it costs one look at a variable. */
export function traceLedger(ledger: Ledger, tracer: Tracer): Ledger {
  return {
    close: () => ledger.close(),
    submit(command) {
      if (tracer.current() === undefined) return ledger.submit(command)
      tracer.remember(command.transaction)
      const span = tracer.begin('ledger submit', 'internal')
      const submitted = ledger.submit(command)
      if (span === null) return submitted
      return submitted.then(
        (settled) => {
          const outcome = settled.replayed ? 'replayed' : settled.outcome?.accepted ? 'accepted' : 'refused'
          span.end({ attributes: { 'billfold.kind': command.kind, 'billfold.outcome': outcome } })
          return settled
        },
        (error) => {
          span.end({ attributes: { 'billfold.kind': command.kind }, failed: true })
          throw error
        },
      )
    },
  }
}
