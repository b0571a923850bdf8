import { html } from 'hono/html'
import { findParty } from '../../../storage/parties.ts'
import {
  type CredentialListing,
  type FloatBalance,
  listCredentials,
  listFloats,
  type PartnerListing,
} from '../../../storage/partners.ts'
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
import { doneNotice } from '../act-form.ts'
import { PROTOCOL_NAMES } from '../calls/explain.ts'
import { sendConsole } from '../frame.ts'
import { link, statusTag, visiblePartner } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { type ConsoleCall, type ConsoleRoute, EVERYONE } from '../route.ts'
import { stateOf } from './list.ts'
import { partnerText as text } from './words.ts'

/** Keys that a page shows; nobody has so many at work. */
const MOST_KEYS = 200

function floatsPart({ language, user }: ConsoleCall, partner: PartnerListing, floats: FloatBalance[]): Markup {
  const operator = user.role === 'operator' && partner.disabledAt === null
  const columns: Column<FloatBalance>[] = [
    { label: text(language, 'wallet'), cell: ({ wallet }) => html`<code>${wallet}</code>` },
    { label: giftText(language, 'balance'), numeric: true, cell: (row) => money(row, row.balance) },
    { label: giftText(language, 'held'), numeric: true, cell: (row) => money(row, row.held) },
    {
      label: giftText(language, 'available'),
      numeric: true,
      cell: (row) =>
        row.lower === null ? giftText(language, 'unlimited') : money(row, row.balance - row.held - row.lower),
    },
  ]
  const money = (row: FloatBalance, minor: bigint) =>
    formatMoney(minor, { code: row.currency, exponent: row.exponent }, language)
  const buttons = operator
    ? buttonRow(
        ...(floats.length > 0
          ? [linkButton(`/console/partners/${partner.id}/fund`, text(language, 'fund'), 'primary')]
          : []),
        linkButton(`/console/partners/${partner.id}/floats`, text(language, 'open-float')),
      )
    : ''
  const list =
    floats.length > 0
      ? table(text(language, 'floats'), columns, floats)
      : emptyState(text(language, user.role === 'operator' ? 'no-float' : 'no-float-own'))
  return section('floats', text(language, 'floats'), html`${list}<div class="pager">${buttons}</div>`, {
    sub: text(language, 'floats-sub'),
  })
}

/** Whether a key still opens something, and until when. */
export function credentialState(row: CredentialListing, call: Pick<ConsoleCall, 'language'>, now: number): Markup {
  const { language } = call
  const over = row.revoked_at ?? (row.ends_at && row.ends_at.getTime() <= now ? row.ends_at : null)
  if (over) return html`${statusTag('ended', language)} ${formatTime(over, language)}`
  if (row.ends_at) return html`${text(language, 'ends-label')} ${formatTime(row.ends_at, language)}`
  return statusTag('live', language)
}

function credentialsPart(call: ConsoleCall, partner: PartnerListing, rows: CredentialListing[], now: number): Markup {
  const { language } = call
  const columns: Column<CredentialListing>[] = [
    {
      label: giftText(language, 'protocol'),
      cell: ({ id, protocol }) => link(`/partners/${partner.id}/credentials/${id}`, PROTOCOL_NAMES[protocol]),
    },
    { label: text(language, 'identifier'), cell: ({ identifier }) => html`<code>${identifier ?? ''}</code>` },
    {
      label: text(language, 'addresses'),
      cell: ({ addresses }) => (addresses.length === 0 ? text(language, 'anywhere') : addresses.join(', ')),
    },
    { label: giftText(language, 'created'), cell: ({ created_at: at }) => formatTime(at, language) },
    { label: giftText(language, 'status'), cell: (row) => credentialState(row, call, now) },
  ]
  const make =
    partner.disabledAt === null
      ? linkButton(`/console/partners/${partner.id}/credentials`, text(language, 'new-credential'), 'primary')
      : html``
  const list =
    rows.length > 0
      ? html`${table(text(language, 'credentials'), columns, rows)}<div class="pager">${buttonRow(make, linkButton('/tools/signature#walleo', text(language, 'sign-call')))}</div>`
      : emptyState(text(language, 'no-credential'), make)
  return section('credentials', text(language, 'credentials'), list, { sub: text(language, 'credentials-sub') })
}

export const partnerDetailRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/partners/:id',
    who: EVERYONE,
    async handle(deps, call) {
      const { language, user } = call
      const partner = await visiblePartner(deps, call, call.param('id'))
      const { id, slug } = partner
      const operator = user.role === 'operator'
      const keys = operator || user.role === 'owner'
      const [floats, credentials, party] = await Promise.all([
        listFloats(deps.db, id),
        keys ? listCredentials(deps.db, { partnerId: id, limit: MOST_KEYS }) : [],
        findParty(deps.db, partner.partyId),
      ])
      const facts = definitionList([
        [giftText(language, 'status'), statusTag(stateOf(partner), language)],
        [text(language, 'keys'), text(language, partner.live ? 'kind-live' : 'kind-test')],
        ...(operator
          ? [[text(language, 'business'), link(`/parties/${partner.partyId}`, party?.name ?? partner.partyId)] as const]
          : []),
        [giftText(language, 'created'), formatTime(partner.createdAt, language)],
      ])
      const links = [
        linkButton(`/console/orders?partner=${slug}`, text(language, 'more-orders')),
        linkButton(`/console/float-requests?partner=${slug}`, text(language, 'more-requests')),
        ...(operator ? [linkButton(`/console/velocity?partner=${slug}`, text(language, 'limits'))] : []),
        ...(operator && partner.disabledAt === null
          ? [linkButton(`/console/partners/${id}/disable`, text(language, 'disable'))]
          : []),
        ...(['owner', 'member'].includes(user.role)
          ? [linkButton('/console/float-requests/new', text(language, 'ask-money'), 'primary')]
          : []),
      ]
      const told = doneNotice(call, {
        made: text(language, 'done-made'),
        float: text(language, 'done-float'),
        funded: text(language, 'done-funded'),
        disabled: text(language, 'done-disabled'),
        revoked: text(language, 'done-revoked'),
      })
      const body = html`${pageHeading(slug)}${told}<section class="part">${facts}<div class="buttons pager">${links}</div></section>${floatsPart(
        call,
        partner,
        floats,
      )}${keys ? credentialsPart(call, partner, credentials, deps.clock()) : ''}`
      return sendConsole(deps, call, { title: slug, place: 'partners', body })
    },
  },
]
