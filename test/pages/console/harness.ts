import assert from 'node:assert/strict'
import { createSignIn } from '../../../src/operations/create-sign-in.ts'
import type { Role } from '../../../src/pages/console/route.ts'
import { startSandboxServer } from '../../support/server.ts'
import { createVisitor, type Visitor } from '../visitor.ts'

const PASSWORD = 'correct horse battery staple 7'

/** A whole server with the sandbox in it, and somebody of every role in its console. The business is the sandbox's merchant. */
export async function startConsole() {
  const server = await startSandboxServer()
  const { db } = server.assembly
  const [shop] = await db.query<{ id: string }>('select party_id as id from client where id = $1', [
    server.sandbox.clients.merchant.client_id,
  ])
  assert.ok(shop)

  async function signIn(email: string, password: string): Promise<Visitor> {
    const visitor = createVisitor(server.url)
    const answer = await visitor.submit('/sign-in', { email, password })
    assert.equal(answer.status, 303, answer.text)
    return visitor
  }

  return {
    ...server,
    shop: shop.id,
    password: (role: Role) => (role === 'operator' ? server.sandbox.operator.password : PASSWORD),
    stranger: () => createVisitor(server.url),
    /** Somebody without a console. */
    async person(): Promise<Visitor> {
      const [person] = server.sandbox.people
      assert.ok(person)
      return signIn(person.email, person.password)
    },
    /** @param partyId of a business; the sandbox's merchant when absent */
    async visitor(role: Role, partyId = shop.id): Promise<Visitor> {
      const { operator } = server.sandbox
      if (role === 'operator') return signIn(operator.email, operator.password)
      const email = `${role}-${partyId.slice(-6)}@shop.example`
      const [known] = await db.query('select email from sign_in where email = $1', [email])
      if (!known) {
        await createSignIn(server.assembly, { partyId, email, password: PASSWORD, operator: false })
        await db.query('update sign_in set role = $2 where email = $1', [email, role])
      }
      return signIn(email, PASSWORD)
    },
  }
}

export type Console = Awaited<ReturnType<typeof startConsole>>
