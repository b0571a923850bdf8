import type { IncomingMessage, ServerResponse } from 'node:http'
import { errors, type Interaction, type default as Provider } from 'oidc-provider'
import type { ClientState } from '../../credentials/client-states.ts'
import { splitScopes } from '../../credentials/scopes.ts'
import { giveConsent } from '../../operations/give-consent.ts'
import { findConsentOf } from '../../storage/consents.ts'
import { findParty } from '../../storage/parties.ts'
import { covers, isOver, type LoginDetails } from './consent-policy.ts'
import type { GrantDeps } from './grants.ts'

/** An authorization request that waits for its owner. */
export type InteractionView = {
  uid: string
  client: { id: string; name: string /** the party that it belongs to */; party: string; public: boolean }
  /** what the client asks for */
  scopes: string[]
  redirectUri: string
  /** when the person must have proven who they are; ms since the epoch, null: being signed in is enough */
  signedInSince: number | null
  /** an answer was given: go on to `resume` */
  answered: boolean
  /** path of ours that ends the request */
  resume: string
}

export type ConsentAnswer = {
  /** who is signed in */
  partyId: string
  walletIds: bigint[]
  scopes: string[]
  /** ms since the epoch; null: until it is withdrawn */
  until: number | null
}

/** For the consent page, which is below `/interaction/:uid`: only there the browser shows the cookie of the request. */
export type Interactions = {
  /** null: there is none, it is over, or it was begun in another browser */
  find(req: IncomingMessage, res: ServerResponse): Promise<InteractionView | null>
  /** @returns the path to go on with. @throws {OperationRefusal} naming what of the answer cannot be; nothing is written then */
  accept(req: IncomingMessage, res: ServerResponse, answer: ConsentAnswer): Promise<string>
  decline(req: IncomingMessage, res: ServerResponse): Promise<string>
  /** Accepts without asking where the owner need not be asked again. @returns the path to go on with, else null */
  skip(req: IncomingMessage, res: ServerResponse, partyId: string): Promise<string | null>
}

type Found = { interaction: Interaction; client: ClientState; asked: string[] }

export function createInteractions(deps: GrantDeps & { provider: () => Provider }): Interactions {
  async function find(req: IncomingMessage, res: ServerResponse): Promise<Found | null> {
    const uid = /^\/interaction\/([\w-]+)/.exec(req.url ?? '')?.[1]
    try {
      const interaction = await deps.provider().interactionDetails(req, res)
      const client = await deps.clients.get(interaction.params.client_id ?? '')
      if (interaction.uid !== uid || !client || client.disabled) return null
      return { interaction, client, asked: splitScopes(interaction.params.scope ?? '') }
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return null
      throw error
    }
  }

  async function findOrThrow(req: IncomingMessage, res: ServerResponse): Promise<Found> {
    const found = await find(req, res)
    if (!found) throw new errors.SessionNotFound('there is no such authorization request in this browser')
    return found
  }

  /** The first answer counts: a form that is sent twice changes nothing. */
  async function answer(
    req: IncomingMessage,
    res: ServerResponse,
    { interaction }: Found,
    result: () => Promise<object>,
  ) {
    if (!interaction.result)
      await deps.provider().interactionResult(req, res, await result(), { mergeWithLastSubmission: false })
    return resumePath(interaction)
  }

  const accepted = (partyId: string, consentId: string) => ({
    login: { accountId: partyId, remember: false },
    consent: { grantId: consentId },
  })

  return {
    async find(req, res) {
      const found = await find(req, res)
      if (!found) return null
      const { interaction, client, asked } = found
      const party = await findParty(deps.db, client.partyId)
      return {
        uid: interaction.uid,
        client: { id: client.id, name: client.name, party: party?.name ?? '', public: client.public },
        scopes: asked,
        redirectUri: interaction.params.redirect_uri ?? '',
        signedInSince: asksFor(interaction, 'login') ? (interaction.prompt.details as LoginDetails).asked : null,
        answered: interaction.result !== undefined,
        resume: resumePath(interaction),
      }
    },
    async accept(req, res, { partyId, walletIds, scopes, until }) {
      const found = await findOrThrow(req, res)
      return answer(req, res, found, async () => {
        const { client, asked } = found
        const id = await giveConsent(deps, { clientId: client.id, partyId, asked, scopes, walletIds, until })
        deps.consents.forget(id)
        return accepted(partyId, id)
      })
    },
    async decline(req, res) {
      const refusal = { error: 'access_denied', error_description: 'the owner declined' }
      return answer(req, res, await findOrThrow(req, res), async () => refusal)
    },
    async skip(req, res, partyId) {
      const found = await find(req, res)
      if (!found || found.client.public || asksFor(found.interaction, 'consent')) return null
      const consent = await findConsentOf(deps.db, found.client.id, partyId)
      if (!consent || isOver(consent, deps.clock()) || consent.wallets.length === 0) return null
      if (!covers(consent.scopes, found.asked)) return null
      return answer(req, res, found, async () => accepted(partyId, consent.id))
    },
  }
}

const asksFor = ({ params }: Interaction, prompt: string) => (params.prompt ?? '').split(' ').includes(prompt)

/** Without the origin: people may use any of our public URLs, and their cookies know only that one. */
const resumePath = (interaction: Interaction) => new URL(interaction.returnTo).pathname
