import { type ConsoleRoute, OPERATORS } from '../route.ts'
import { auditNow, showAudit, showBooks } from './books.ts'
import { exportNow, showExport } from './export.ts'

/** The books as a whole: audits and the export. */
export const bookRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/books', who: OPERATORS, handle: showBooks },
  { method: 'post', path: '/books/audits', who: OPERATORS, act: 'books.audit', handle: auditNow },
  { method: 'get', path: '/books/audits/:id', who: OPERATORS, handle: showAudit },
  { method: 'get', path: '/books/export', who: OPERATORS, handle: showExport },
  { method: 'post', path: '/books/export', who: OPERATORS, act: 'books.export', dangerous: true, handle: exportNow },
]
