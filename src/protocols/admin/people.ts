import { z } from 'zod'
import { type Erased, erasePerson } from '../../operations/people/erase-person.ts'
import { exportPerson } from '../../operations/people/export-person.ts'
import { route } from './route.ts'
import { timestamp, uuid } from './schema.ts'

const email = z
  .string()
  .max(254)
  .optional()
  .describe('Of one of the team, where the party is a business; left out for a person')

const ErasePerson = z.strictObject({ email }).meta({ examples: [{}] })

const Erasure = z
  .object({
    id: uuid,
    party_id: uuid,
    pseudonym: z.string().describe('What stands in the place of names, addresses and numbers'),
    done_at: timestamp,
    counts: z.record(z.string(), z.number()).describe('How many of what were changed'),
  })
  .describe('A person who was erased, for good')

const PersonData = z
  .record(z.string(), z.unknown())
  .describe('Everything of the person in parts: a list of rows for each; neither secrets nor hashes of them')

export const peopleSchemas = { ErasePerson, Erasure, PersonData }

export const erasureView = ({ id, partyId, pseudonym, doneAt, counts }: Erased) => ({
  id,
  party_id: partyId,
  pseudonym,
  done_at: doneAt.toISOString(),
  counts,
})

export const peopleRoutes = [
  route({
    method: 'GET',
    path: '/parties/{party_id}/data',
    scope: 'people:export',
    summary: 'Hand out everything of a person',
    description: 'Large histories are better handed out by `billfold person export`, which writes as it reads.',
    query: z.strictObject({ email }),
    output: PersonData,
    handle: (deps, { params, query }) =>
      exportPerson(deps, {
        partyId: params.party_id as string,
        ...(query.email !== undefined && { email: query.email }),
      }),
  }),
  route({
    method: 'POST',
    path: '/parties/{party_id}/erasure',
    scope: 'people:erase',
    summary: 'Erase a person',
    description:
      'For good: what tells who it is becomes a pseudonym everywhere, the books stay whole. Refused with `conflict` while the person has something left. Asked again, it says the same.',
    input: ErasePerson,
    output: Erasure,
    async handle(deps, { actor, params, input }) {
      const who = { partyId: params.party_id as string, ...(input.email !== undefined && { email: input.email }) }
      return erasureView(await erasePerson(deps, actor, who))
    },
  }),
]
