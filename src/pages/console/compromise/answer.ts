import { html } from 'hono/html'
import {
  answerCompromise,
  COMPROMISE_PARTS,
  type CompromisePart,
  PARTS_OF,
} from '../../../operations/compromise/answer-compromise.ts'
import { endOpenTokens } from '../../../operations/compromise/end-open-tokens.ts'
import { requireTarget, type Target } from '../../../operations/compromise/find-target.ts'
import { isUuid } from '../../../operations/input.ts'
import { findCompromise } from '../../../storage/compromises.ts'
import { findSignIn } from '../../../storage/parties.ts'
import { checkbox, field } from '../../components.ts'
import { PageProblem } from '../../forms.ts'
import { found, goTo, requireOwn, sendForm } from '../act-form.ts'
import { readMoment } from '../moment.ts'
import type { ConsoleCall, ConsoleDeps, ConsoleRoute, Role } from '../route.ts'
import { compromiseWords as words } from './words.ts'

export const KEEPERS: readonly Role[] = ['operator', 'owner']

async function targetOf(deps: ConsoleDeps, call: ConsoleCall): Promise<Target> {
  const target = await found(requireTarget(deps.db, call.param('kind'), call.param('id')))
  requireOwn(call, target.partyId)
  // No team decides about those who run the installation, even of their own party.
  const theirs = call.user.role === 'operator' || target.kind !== 'sign-in'
  if (!theirs && (await findSignIn(deps.db, target.id))?.operator) throw new PageProblem('not-found')
  return target
}

/** What a box stands for before anybody has ticked one: everything that does not lock people out. */
const TICKED: ReadonlySet<CompromisePart> = new Set(
  COMPROMISE_PARTS.filter((part) => part !== 'passwords' && part !== 'passkeys'),
)

const MONTH = 30 * 86_400_000

type Problem = 'since-wrong' | 'choose' | null

async function ask(deps: ConsoleDeps, call: ConsoleCall, problem: Problem = null): Promise<Response> {
  const { language, form } = call
  const target = await targetOf(deps, call)
  const { kind, id } = target
  const parts = PARTS_OF[kind]
  const sent = form.has('since')
  const boxes = parts.map((part) =>
    checkbox({
      name: `part:${part}`,
      label: words(language, `part-${part}`),
      hint: words(language, `does-${part}`),
      checked: sent ? form.has(`part:${part}`) : kind === 'sign-in' || TICKED.has(part),
    }),
  )
  const since = field({
    name: 'since',
    type: 'datetime-local',
    label: words(language, 'since'),
    hint: words(language, 'since-hint'),
    value: form.get('since') ?? new Date(deps.clock() - MONTH).toISOString().slice(0, 16),
    error: problem === 'since-wrong' ? words(language, 'since-wrong') : undefined,
  })
  const single = parts[0] as CompromisePart
  const answer = await sendForm(deps, call, {
    title: words(language, 'answer-title', { kind: words(language, `kind-${kind}`) }),
    sub: html`${target.name}${target.name === id ? '' : html` <code>${id}</code>`}`,
    place: 'compromise',
    path: `/compromise/answer/${kind}/${encodeURIComponent(id)}`,
    back: '/compromise',
    effects: [
      ...(parts.length === 1 ? [words(language, kind === 'grant' ? 'does-grant' : `does-${single}`)] : []),
      ...(target.principals.length > 0 ? [words(language, 'part-tokens')] : []),
      words(language, 'atomic'),
      words(language, 'final'),
    ],
    fields: html`${
      parts.length === 1
        ? ''
        : html`<fieldset${problem === 'choose' ? html` aria-describedby="parts-error"` : ''}><legend>${words(
            language,
            'parts',
          )}</legend>${problem === 'choose' ? html`<p class="error" id="parts-error">${words(language, 'choose')}</p>` : ''}${boxes}</fieldset>`
    }${since}`,
    submit: words(language, 'answer-now'),
    danger: true,
    password: true,
  })
  return problem === null ? answer : new Response(answer.body, { status: 422, headers: answer.headers })
}

async function answer(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { form, user, actor } = call
  const target = await targetOf(deps, call)
  const since = readMoment(form.get('since'))
  if (!since || since.getTime() > deps.clock()) return ask(deps, call, 'since-wrong')
  const parts = COMPROMISE_PARTS.filter((part) => form.has(`part:${part}`))
  const choices = PARTS_OF[target.kind]
  if (choices.length > 1 && !choices.some((part) => parts.includes(part))) return ask(deps, call, 'choose')
  const self = { sessionId: user.sessionId, email: user.email, operator: user.role === 'operator' }
  const { id, ended } = await answerCompromise(deps, { target, parts, actor, self, since })
  call.note({ compromise: id, target: `${target.kind}:${target.id}`, ...ended })
  await endTokens(deps, id, actor)
  return goTo(call, `/compromise/${id}?done=ended`)
}

/** What the credential signed in advance. The rest is ended already, so a ledger that is away must not hide that. */
async function endTokens(deps: ConsoleDeps, id: string, actor: string): Promise<number> {
  const compromise = await findCompromise(deps.db, id)
  if (!compromise) return 0
  try {
    return await endOpenTokens(deps, compromise, actor)
  } catch (err) {
    deps.log.error(
      { err, compromise: id },
      'open transaction tokens of a compromised credential could not all be ended',
    )
    return 0
  }
}

async function again(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const compromise = await oneCompromise(deps, call)
  const count = await endTokens(deps, compromise.id, call.actor)
  call.note({ ended: count })
  return goTo(call, `/compromise/${compromise.id}?done=tokens&count=${count}`)
}

/** Another party's is not there. */
export async function oneCompromise(deps: ConsoleDeps, call: ConsoleCall) {
  const id = call.param('id')
  const compromise = await found(isUuid(id) ? findCompromise(deps.db, id) : Promise.resolve(undefined))
  requireOwn(call, compromise.party_id)
  return compromise
}

export const answerRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/compromise/answer/:kind/:id', who: KEEPERS, handle: (deps, call) => ask(deps, call) },
  {
    method: 'post',
    path: '/compromise/answer/:kind/:id',
    who: KEEPERS,
    act: 'compromise.answer',
    dangerous: true,
    handle: answer,
  },
  { method: 'post', path: '/compromise/:id/tokens', who: KEEPERS, act: 'compromise.end-tokens', handle: again },
]
