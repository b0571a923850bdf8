import { defineMessages } from '../domain/language.ts'
import type { Condition } from '../storage/alert-conditions.ts'

/** What each kind of alert says; the members of its detail fill the places. */
export const alertWords = defineMessages<Condition['kind']>({
  en: {
    'float-low': 'The float of {partner} has {available} {currency} left, less than {below}',
    'job-failing': 'The job {job} has failed {failures} times: {error}',
    'deliveries-failing': 'Notifications do not get through ({form}): {failed} given up, receiver {receiver}',
    'mail-failing': 'Mails do not get through: {failed} given up ({error})',
    'stock-low': 'Codes of {brand} at {value} {currency} run low: fewer than {low_stock} are left',
    'audit-findings': 'The last audit has {findings} findings',
    'journal-mismatch': 'The journal is not as this server remembers it: stream {stream}, row {seq}',
  },
  fr: {
    'float-low': 'Il reste {available} {currency} à {partner}, moins que {below}',
    'job-failing': 'La tâche {job} a échoué {failures} fois\u00a0: {error}',
    'deliveries-failing':
      'Des notifications n’arrivent pas ({form})\u00a0: {failed} abandonnées, destinataire {receiver}',
    'mail-failing': 'Des messages n’arrivent pas\u00a0: {failed} abandonnés ({error})',
    'stock-low': 'Les codes de {brand} à {value} {currency} s’épuisent\u00a0: il en reste moins de {low_stock}',
    'audit-findings': 'Le dernier contrôle des comptes a {findings} anomalies',
    'journal-mismatch': 'Le journal n’est pas tel que ce serveur s’en souvient\u00a0: flux {stream}, ligne {seq}',
  },
})

/** One line for people. */
export function alertText(language: 'en' | 'fr', { kind, object, detail }: Condition): string {
  const values = Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, value ?? '–']))
  return alertWords(language, kind, { job: object, ...values })
}
