import { createWeb, routeTable, type ServerDeps } from '../../src/web.ts'

/** Every route that a server has, those of consent and the owner's pages among them, which are there where tokens are issued. */
export const servedRoutes = (assembly: object) =>
  routeTable(createWeb({ oauth: {}, readiness: { ready: true }, ...assembly } as unknown as ServerDeps))
