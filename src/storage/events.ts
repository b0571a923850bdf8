import type { Effect, EffectRow } from '../ledger/command.ts'
import type { Sql } from './database.ts'

/**
 * The statement that tells the endpoints that want them of some events, each numbered within its object. What nobody wants is
 * neither numbered nor written.
 * @param facts a select of: place (which comes first), object, type, parties (uuid[]: whose endpoints are told), at, data (JSON
 *   text of an object with at least one member)
 */
export const tell = (facts: string): string => `with ${numberedEvents(facts)} ${INSERT}`

/** As {@link tell}, as parts of a `with` whose earlier parts write what is told of; `facts` reads what those return. */
export const telling = (facts: string): string => `${numberedEvents(facts)}, queued as (${INSERT})`

// Where nobody listens the facts are not even read: that is most of what telling of a card costs.
const numberedEvents = (facts: string) => `
facts as materialized (
  select * from (${facts}) as fact
  where (select exists (select from webhook_endpoint where deleted_at is null and disabled_at is null))
), wanted as (
  select f.*, e.id as endpoint_id
  from facts f join webhook_endpoint e on e.party_id = any(f.parties) and e.deleted_at is null and e.disabled_at is null
    and e.topics && array[f.type, split_part(f.type, '.', 1) || '.*', '*']
), told as (
  select distinct object, place from wanted
), counted as (
  insert into event_count as c (object, last) select object, count(*) from told group by object order by object
  on conflict (object) do update set last = c.last + excluded.last
  returning object, last
), numbered as (
  select object, place, c.last - count(*) over (partition by object) + row_number() over (partition by object order by place)
    as sequence
  from told join counted c using (object)
)`

/** JSON text of an event as it is sent; the arguments are columns, `data` of the JSON text of an object that has members. */
export function eventBody(type: string, at: string, object: string, sequence: string, data: string): string {
  return `'{"type":' || to_json(${type}::text) || ',"timestamp":"'
    || to_char(${at} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","data":{"object":' || to_json(${object}::text)
    || ',"sequence":' || ${sequence} || ',' || substr(${data}, 2) || '}'`
}

const INSERT = `
insert into delivery (id, form, receiver, object, topic, body, created_at, next_attempt_at)
select gen_random_uuid(), 'webhook', w.endpoint_id, w.object, w.type,
  ${eventBody('w.type', 'w.at', 'w.object', 'n.sequence', 'w.data')}, w.at, least(w.at, clock_timestamp())
from wanted w join numbered n using (object, place) order by place, w.endpoint_id`

/** An amount as decimal text with all decimals of its currency, exactly: multiplied, because a division is rounded. */
export const decimals = (minor: string, exponent: string): string =>
  `(${minor} * ('{1,0.1,0.01,0.001,0.0001,0.00001,0.000001,0.0000001,0.00000001}'::numeric[])[${exponent} + 1])::text`

/** Something that happened, of which the endpoints of some parties are told. */
export type NewEvent = {
  /** one of `EVENT_TYPES` */
  readonly type: string
  /** e.g. `purchase:<uuid>`; within it events are numbered in the order of the commits */
  readonly object: string
  /** party ids; those that are null are nobody */
  readonly parties: readonly (string | null)[]
  /** what is told, with at least one member; amounts as decimal texts, never a code, a PIN or a secret */
  readonly data: object
}

const WRITE = tell(`select place, object, type, parties::uuid[] as parties,
    timestamptz 'epoch' + ms * interval '1 millisecond' as at, data
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) with ordinality as u (type, object, parties, data, ms, place)`)

/** Tells of an event with a command of the ledger. Rows: {@link eventValues}. */
export const eventTold: Effect = { name: 'event-told', text: WRITE }

/** @param at ms since the epoch */
export function eventValues({ type, object, parties, data }: NewEvent, at: number): EffectRow {
  const whose = [...new Set(parties.filter((party) => party !== null))]
  return [type, object, `{${whose.join()}}`, JSON.stringify(data), String(Math.trunc(at))]
}

/**
 * Tells of an event in the caller's transaction, for what is no command of the ledger. It is written after the row that decides
 * who goes first.
 */
export async function tellEvent(sql: Sql, event: NewEvent, at: number): Promise<void> {
  await sql.query(
    WRITE,
    eventValues(event, at).map((value) => [value]),
  )
}

/** Numbers an event that is written as a delivery by its caller, in the caller's transaction. */
export async function nextSequence(sql: Sql, object: string): Promise<bigint> {
  const rows = await sql.query<{ last: bigint }>(
    `insert into event_count as c (object, last) values ($1, 1)
     on conflict (object) do update set last = c.last + 1 returning last`,
    [object],
  )
  return (rows[0] as { last: bigint }).last
}
