import { html } from 'hono/html'
import { isUuid } from '../../../operations/input.ts'
import {
  listBelongings,
  listInvitations,
  listSignIns,
  type PartyBelonging,
  type PartySignIn,
} from '../../../storage/console-parties.ts'
import { type ConsoleWallet, listConsoleWallets } from '../../../storage/console-wallets.ts'
import { findPartyListing, type PartyListing } from '../../../storage/directory-listings.ts'
import {
  buttonRow,
  type Column,
  definitionList,
  emptyState,
  linkButton,
  pageHeading,
  section,
  table,
} from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { PageProblem } from '../../problem.ts'
import { doneNotice } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { consolePlaces } from '../tables.ts'
import { stateTags } from '../wallets/list.ts'
import { link, unitOf } from '../wallets/parts.ts'
import { partyText as text } from './words.ts'

const MOST = 50

/** The party of the address. @throws {PageProblem} `not-found` */
export async function requireListedParty(
  { db }: Pick<ConsoleDeps, 'db'>,
  { param }: ConsoleCall,
): Promise<PartyListing> {
  const id = param('id')
  const party = isUuid(id) ? await findPartyListing(db, id) : undefined
  if (!party) throw new PageProblem('not-found')
  return party
}

/** `GET /parties/:id`: its wallets, who signs in for it, and what else is its. */
export async function showParty(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language } = call
  const { db } = deps
  const party = await requireListedParty(deps, call)
  const [wallets, signIns, invitations, belongings] = await Promise.all([
    listConsoleWallets(db, { partyIds: [party.id] }, { limit: MOST + 1 }),
    listSignIns(db, party.id, MOST),
    listInvitations(db, party.id, MOST),
    listBelongings(db, party.id, MOST),
  ])
  const path = `/console/parties/${party.id}`
  const open = linkButton(`/console/wallets/new?party=${party.id}`, text(language, 'open-wallet'))
  const invite = linkButton(`${path}/invite`, text(language, 'invite'))
  const data = linkButton(`${path}/data`, text(language, 'data'))
  const erase = linkButton(`${path}/erasure`, text(language, 'erase'))
  const done = doneNotice(call, {
    made: text(language, 'done-made'),
    invited: text(language, 'done-invited'),
    erased: text(language, 'done-erased'),
  })
  const facts = definitionList([
    [text(language, 'kind'), text(language, party.kind)],
    [text(language, 'since'), formatTime(party.created_at, language)],
    [text(language, 'id'), html`<code>${party.id}</code>`],
  ])
  const invited =
    invitations.length === 0
      ? ''
      : html`<p class="sub">${text(language, 'invited')}: ${invitations.map(
          ({ email, expires_at }, index) =>
            html`${index > 0 ? ', ' : ''}${email} (${text(language, 'invited-until')} ${formatTime(expires_at, language)})`,
        )}</p>`
  const body = html`${pageHeading(party.name, { sub: text(language, party.kind), actions: buttonRow(open, invite, data, erase) })}${done}
<div class="part">${facts}</div>
${section('wallets', text(language, 'wallets'), walletsView(party, wallets, language))}
${section('sign-ins', text(language, 'sign-ins'), html`${signInsView(signIns, language, invite)}${invited}`)}
${section('belongings', text(language, 'belongings'), html`${belongingsView(belongings, language)}${party.kind === 'business' ? becomeView(party, language) : ''}`)}`
  return sendConsole(deps, call, { title: party.name, place: 'parties', body })
}

function walletsView(party: PartyListing, wallets: readonly ConsoleWallet[], language: Language): Markup {
  if (wallets.length === 0)
    return emptyState(
      text(language, 'wallets-none'),
      linkButton(`/console/wallets/new?party=${party.id}`, text(language, 'open-wallet'), 'primary'),
    )
  const columns: Column<ConsoleWallet>[] = [
    {
      label: text(language, 'wallets'),
      cell: ({ explicit_id }) => link(`/wallets/${explicit_id}`, html`<code>${explicit_id}</code>`),
    },
    { label: text(language, 'state'), cell: (wallet) => stateTags(wallet, language) },
    {
      label: text(language, 'balance'),
      numeric: true,
      cell: (wallet) => formatMoney(wallet.balance, unitOf(wallet), language),
    },
  ]
  const all =
    wallets.length > MOST
      ? html`<div class="buttons pager">${linkButton(`/console/wallets?owner=${party.id}`, text(language, 'all-wallets'))}</div>`
      : ''
  return html`${table(text(language, 'wallets'), columns, wallets.slice(0, MOST))}${all}`
}

function signInsView(signIns: readonly PartySignIn[], language: Language, invite: Markup): Markup {
  if (signIns.length === 0) return emptyState(text(language, 'sign-ins-none'), invite)
  const columns: Column<PartySignIn>[] = [
    { label: text(language, 'email'), cell: ({ email }) => email },
    { label: text(language, 'role'), cell: ({ operator, role }) => text(language, operator ? 'operator' : role) },
    {
      label: text(language, 'verified'),
      cell: ({ email_verified_at: at }) => (at ? formatTime(at, language) : text(language, 'not-verified')),
    },
    {
      label: text(language, 'seen'),
      cell: ({ last_seen: at }) => (at ? formatTime(at, language) : text(language, 'never')),
    },
  ]
  return table(text(language, 'sign-ins'), columns, signIns)
}

/** What a business can also be. */
const becomeView = ({ id }: PartyListing, language: Language): Markup =>
  html`<div class="pager">${buttonRow(
    linkButton(`/console/partners/new?party=${id}`, text(language, 'make-partner')),
    linkButton(`/console/brands/new?party=${id}`, text(language, 'make-brand')),
  )}</div>`

const PLACES = { client: 'clients', partner: 'partners', merchant: 'merchants' } as const

function belongingsView(belongings: readonly PartyBelonging[], language: Language): Markup {
  if (belongings.length === 0) return html`<p class="sub">${text(language, 'belongings-none')}</p>`
  const path = (kind: PartyBelonging['kind']) => consolePlaces.find(({ id }) => id === PLACES[kind])?.path
  const columns: Column<PartyBelonging>[] = [
    {
      label: text(language, 'name'),
      cell: ({ kind, id, name }) => {
        const place = path(kind)
        return place === undefined ? name : link(`${place}/${id}`, name)
      },
    },
    { label: text(language, 'what'), cell: ({ kind }) => text(language, kind) },
    { label: text(language, 'state'), cell: ({ disabled_at }) => (disabled_at ? text(language, 'disabled') : '') },
  ]
  return table(text(language, 'belongings'), columns, belongings)
}
