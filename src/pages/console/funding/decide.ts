import { html } from 'hono/html'
import { decideFunding } from '../../../operations/funding/decide-funding.ts'
import { isUuid } from '../../../operations/input.ts'
import { type Funding, findFunding } from '../../../storage/fundings.ts'
import { type Content, definitionList, linkButton, notice, pageHeading } from '../../components.ts'
import { formatTime } from '../../format.ts'
import { PageProblem } from '../../problem.ts'
import { makeKey, requireKey } from '../../wallet/attempt.ts'
import { doneNotice, goTo, sendForm } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { link } from '../wallets/parts.ts'
import { moneyOf, stateTag } from './list.ts'
import { tryFunding } from './try-funding.ts'
import { fundingText as text } from './words.ts'

async function requireFunding({ db }: Pick<ConsoleDeps, 'db'>, { param }: ConsoleCall): Promise<Funding> {
  const id = param('id')
  const funding = isUuid(id) ? await findFunding(db, id) : undefined
  if (!funding) throw new PageProblem('not-found')
  return funding
}

/** A party counts as one person. */
const isOwn = ({ asked_by, asked_party }: Funding, { user }: ConsoleCall) =>
  asked_by === user.email || asked_party === user.partyId

function factsOf(funding: Funding, { language }: ConsoleCall): [string, Content][] {
  const wallet = (id: string) => link(`/wallets/${id}`, html`<code>${id}</code>`)
  const facts: [string, Content][] = [
    [text(language, 'amount'), moneyOf(funding, language)],
    [text(language, 'from'), wallet(funding.source_id)],
    [text(language, 'to'), wallet(funding.target_id)],
    [text(language, 'reason'), funding.reason],
    [text(language, 'by'), funding.asked_by],
    [text(language, 'asked-at'), formatTime(funding.created_at, language)],
  ]
  if (funding.expires_at) facts.push([text(language, 'until'), formatTime(funding.expires_at, language)])
  if (funding.decided_by !== null) facts.push([text(language, 'decided-by'), funding.decided_by])
  if (funding.decided_at) facts.push([text(language, 'decided-at'), formatTime(funding.decided_at, language)])
  if (funding.state === 'made') facts.push([text(language, 'reference'), html`<code>${funding.decided_in}</code>`])
  return facts
}

/** `GET /funding/:id` */
export async function showFunding(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language } = call
  const funding = await requireFunding(deps, call)
  const title = text(language, 'one', {
    way: text(language, `way-${funding.direction}`),
    amount: moneyOf(funding, language),
  })
  const done = doneNotice(call, {
    made: text(language, 'done-made'),
    waiting: text(language, 'done-waiting'),
    refused: text(language, 'done-refused'),
  })
  const path = `/console/funding/${funding.id}`
  const own = isOwn(funding, call)
  const acts =
    funding.state !== 'waiting'
      ? ''
      : html`${own ? notice('plain', text(language, 'your-own')) : ''}<div class="buttons acts">${
          own ? '' : linkButton(`${path}/approve`, text(language, 'approve'), 'primary')
        }${linkButton(`${path}/refuse`, text(language, own ? 'take-back' : 'refuse'))}</div>`
  const body = html`${pageHeading(title, { sub: stateTag(funding, language) })}${done}<div class="part">${definitionList(factsOf(funding, call))}</div>${acts}`
  return sendConsole(deps, call, { title, place: 'funding', body })
}

type Decision = 'approve' | 'refuse'

const form = (
  deps: ConsoleDeps,
  call: ConsoleCall,
  funding: Funding,
  decision: Decision,
  problem: string | null,
  key: string,
) => {
  const { language } = call
  const { source_id: from, target_id: to } = funding
  const amount = moneyOf(funding, language)
  return sendForm(deps, call, {
    title: text(language, `${decision}-title`),
    place: 'funding',
    path: `/funding/${funding.id}/${decision}`,
    back: `/funding/${funding.id}`,
    facts: factsOf(funding, call),
    effects:
      decision === 'approve'
        ? [text(language, 'approve-effect', { amount, from, to }), text(language, 'approve-effect-2')]
        : [text(language, 'refuse-effect')],
    fields: html`<input type="hidden" name="key" value="${key}">`,
    submit: text(language, decision),
    danger: true,
    password: decision === 'approve',
    refusal: problem,
  })
}

/** `GET /funding/:id/approve` and `/refuse`: what comes of it. */
export const showDecision =
  (decision: Decision) =>
  async (deps: ConsoleDeps, call: ConsoleCall): Promise<Response> => {
    const funding = await requireFunding(deps, call)
    const key = call.form.get('key') ?? makeKey()
    return form(deps, call, funding, decision, null, key)
  }

export const decide =
  (decision: Decision) =>
  async (deps: ConsoleDeps, call: ConsoleCall): Promise<Response> => {
    const funding = await requireFunding(deps, call)
    const { user, actor, language } = call
    const key = requireKey(call.form)
    const by = { email: user.email, partyId: user.partyId }
    const approve = decision === 'approve'
    const result = await tryFunding(() => decideFunding(deps, { actor, key, by }, funding, approve), language)
    if (!result.accepted)
      return form(deps, call, funding, decision, result.text, result.code === null ? key : makeKey())
    return goTo(call, `/funding/${funding.id}?done=${approve ? 'made' : 'refused'}`)
  }
