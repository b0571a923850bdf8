import { html } from 'hono/html'
import { formatAmount } from '../../../domain/money.ts'
import { changeWallet } from '../../../operations/change-wallet.ts'
import { creditUse } from '../../../operations/funding/credit-use.ts'
import { readLimits } from '../../../operations/limits.ts'
import { type OpenWalletInput, openWallet } from '../../../operations/open-wallet.ts'
import { endRefillPolicy, setRefillPolicy, showRefillPolicy } from '../../../operations/set-refill-policy.ts'
import type { ConsoleWallet } from '../../../storage/console-wallets.ts'
import { formatMoney } from '../../format.ts'
import { goTo, textOf } from '../act-form.ts'
import { amountText } from '../amount-text.ts'
import { attempt, type FormState, freshForm, input, sendActForm, sentForm, wrongInput } from '../gift-forms.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { readWalletId, requireConsoleWallet, unitOf } from './parts.ts'
import { walletText as text } from './words.ts'

type Ask = [deps: ConsoleDeps, call: ConsoleCall]

const pathOf = (wallet: ConsoleWallet) => `/wallets/${wallet.explicit_id}`

/** What a limit's field says: nothing is no limit. */
function limitOf({ form, language }: ConsoleCall, name: 'lower' | 'upper'): string | null {
  const written = textOf(form, name)
  return written === undefined ? null : amountText(written, language)
}

export async function showLimits(...[deps, call]: Ask): Promise<Response> {
  const wallet = await requireConsoleWallet(deps, call)
  const shown = (minor: bigint | null) => (minor === null ? '' : formatAmount(minor, wallet.exponent))
  return limitsForm(deps, call, wallet, freshForm(call, { lower: shown(wallet.lower), upper: shown(wallet.upper) }))
}

function limitsForm(deps: ConsoleDeps, call: ConsoleCall, wallet: ConsoleWallet, state: FormState) {
  const { language } = call
  const limit = (name: 'lower' | 'upper') =>
    input(state, {
      name,
      label: `${text(language, name)} (${wallet.currency})`,
      hint: text(language, `${name}-hint`),
      required: false,
      inputmode: 'decimal',
    })
  return sendActForm(deps, call, {
    title: text(language, 'limits-title', { id: wallet.explicit_id }),
    place: 'wallets',
    path: `${pathOf(wallet)}/limits`,
    back: pathOf(wallet),
    facts: [
      [text(language, 'balance'), formatMoney(wallet.balance, unitOf(wallet), language)],
      [text(language, 'held'), formatMoney(wallet.held, unitOf(wallet), language)],
    ],
    effects: [text(language, 'limits-effect'), text(language, 'limits-effect-2')],
    fields: html`${limit('lower')}${limit('upper')}`,
    names: ['lower', 'upper'],
    submit: text(language, 'limits-save'),
    danger: true,
    password: true,
    state,
  })
}

export async function changeLimits(...[deps, call]: Ask): Promise<Response> {
  const wallet = await requireConsoleWallet(deps, call)
  const limits = { lower: limitOf(call, 'lower'), upper: limitOf(call, 'upper') }
  call.note({ lower: limits.lower, upper: limits.upper })
  const tried = await attempt(call, () =>
    changeWallet(deps, call.actor, wallet.explicit_id, limits, ({ asset }) =>
      creditUse(deps, call.user, asset, {
        before: wallet.lower,
        after: readLimits(limits, asset.exponent).lower ?? null,
      }),
    ),
  )
  if (!tried.done) return limitsForm(deps, call, wallet, sentForm(call, tried.problem))
  return goTo(call, `${pathOf(wallet)}?done=limits`)
}

export async function showFreeze(...[deps, call]: Ask): Promise<Response> {
  return freezeForm(deps, call, await requireConsoleWallet(deps, call), freshForm(call))
}

/** `to` is in the form, so that a form that was sent twice does not undo what the first one did. */
function freezeForm(deps: ConsoleDeps, call: ConsoleCall, wallet: ConsoleWallet, state: FormState) {
  const { language } = call
  const frozen = wallet.status === 1
  return sendActForm(deps, call, {
    title: text(language, frozen ? 'unfreeze-title' : 'freeze-title', { id: wallet.explicit_id }),
    place: 'wallets',
    path: `${pathOf(wallet)}/freeze`,
    back: pathOf(wallet),
    facts: [
      [text(language, 'owner'), wallet.owner],
      [text(language, 'balance'), formatMoney(wallet.balance, unitOf(wallet), language)],
    ],
    effects: frozen
      ? [text(language, 'unfreeze-effect')]
      : [text(language, 'freeze-effect'), text(language, 'freeze-effect-2')],
    fields: html`<input type="hidden" name="to" value="${frozen ? 'open' : 'frozen'}">`,
    names: [],
    submit: text(language, frozen ? 'unfreeze' : 'freeze'),
    danger: !frozen,
    state,
  })
}

export async function freeze(...[deps, call]: Ask): Promise<Response> {
  const { form, language } = call
  const wallet = await requireConsoleWallet(deps, call)
  const refuse = (key: 'state-changed' | 'closed-now') =>
    freezeForm(deps, call, wallet, { values: new Map(), problem: wrongInput('status', text(language, key)) })
  const to = form.get('to')
  if (wallet.status === 2) return refuse('closed-now')
  if ((to !== 'open' && to !== 'frozen') || (to === 'frozen') === (wallet.status === 1)) return refuse('state-changed')
  call.note({ to })
  const tried = await attempt(call, () => changeWallet(deps, call.actor, wallet.explicit_id, { status: to }))
  if (!tried.done) return freezeForm(deps, call, wallet, sentForm(call, tried.problem))
  return goTo(call, `${pathOf(wallet)}?done=${to === 'frozen' ? 'frozen' : 'unfrozen'}`)
}

export async function showParent(...[deps, call]: Ask): Promise<Response> {
  const wallet = await requireConsoleWallet(deps, call)
  return parentForm(deps, call, wallet, freshForm(call, { parent: wallet.parent ?? '' }))
}

function parentForm(deps: ConsoleDeps, call: ConsoleCall, wallet: ConsoleWallet, state: FormState) {
  const { language } = call
  return sendActForm(deps, call, {
    title: text(language, 'parent-title', { id: wallet.explicit_id }),
    place: 'wallets',
    path: `${pathOf(wallet)}/parent`,
    back: pathOf(wallet),
    effects: [text(language, 'parent-effect')],
    fields: input(state, {
      name: 'parent',
      label: text(language, 'parent'),
      hint: text(language, 'parent-hint'),
      required: false,
      spellcheck: false,
    }),
    names: ['parent'],
    password: true,
    submit: text(language, 'parent-save'),
    state,
  })
}

export async function changeParent(...[deps, call]: Ask): Promise<Response> {
  const wallet = await requireConsoleWallet(deps, call)
  const written = textOf(call.form, 'parent')
  // What cannot be an id is the id of no wallet.
  const parent = written === undefined ? null : (readWalletId(written) ?? '')
  call.note({ parent })
  const tried = await attempt(call, () => changeWallet(deps, call.actor, wallet.explicit_id, { parent }))
  if (!tried.done) return parentForm(deps, call, wallet, sentForm(call, tried.problem))
  return goTo(call, `${pathOf(wallet)}?done=parent`)
}

const POLICY = ['per_refill', 'per_period', 'period_seconds'] as const

export async function showRefills(...[deps, call]: Ask): Promise<Response> {
  const wallet = await requireConsoleWallet(deps, call)
  const { policy } = await showRefillPolicy(deps, wallet.explicit_id)
  const values = Object.fromEntries(POLICY.map((name) => [name, policy ? String(policy[name]) : '']))
  return refillsForm(deps, call, wallet, freshForm(call, values))
}

function refillsForm(deps: ConsoleDeps, call: ConsoleCall, wallet: ConsoleWallet, state: FormState) {
  const { language } = call
  const { parent } = wallet
  const optional = { required: false, inputmode: 'decimal' } as const
  const [perRefill, perPeriod, seconds] = POLICY
  return sendActForm(deps, call, {
    title: text(language, 'refills-title', { id: wallet.explicit_id }),
    place: 'wallets',
    path: `${pathOf(wallet)}/refills`,
    back: pathOf(wallet),
    effects: [parent === null ? text(language, 'refills-no-parent') : text(language, 'refills-effect', { parent })],
    fields: html`${input(state, {
      ...optional,
      name: perRefill,
      label: `${text(language, 'per-refill')} (${wallet.currency})`,
      hint: text(language, 'per-refill-hint'),
    })}${input(state, { ...optional, name: perPeriod, label: `${text(language, 'per-period')} (${wallet.currency})` })}${input(
      state,
      {
        ...optional,
        name: seconds,
        label: text(language, 'period-seconds'),
        hint: text(language, 'period-hint'),
        inputmode: 'numeric',
      },
    )}`,
    names: POLICY,
    password: true,
    submit: text(language, 'refills-save'),
    state,
  })
}

export async function changeRefills(...[deps, call]: Ask): Promise<Response> {
  const { form, language } = call
  const wallet = await requireConsoleWallet(deps, call)
  const [perRefill, perPeriod, seconds] = POLICY.map((name) => textOf(form, name))
  const wrong = (name: string, key: 'all-three' | 'not-number' | 'refills-no-parent') =>
    refillsForm(deps, call, wallet, sentForm(call, wrongInput(name, text(language, key))))
  if (perRefill === undefined && perPeriod === undefined && seconds === undefined) {
    await endRefillPolicy(deps, call.actor, wallet.explicit_id)
    call.note({ policy: null })
    return goTo(call, `${pathOf(wallet)}?done=refills`)
  }
  if (wallet.parent === null) return wrong('parent', 'refills-no-parent')
  if (perRefill === undefined || perPeriod === undefined || seconds === undefined) return wrong('form', 'all-three')
  if (!/^\d{1,9}$/.test(seconds)) return wrong('period_seconds', 'not-number')
  const policy = {
    perRefill: amountText(perRefill, language),
    perPeriod: amountText(perPeriod, language),
    periodSeconds: Number(seconds),
  }
  call.note(policy)
  const tried = await attempt(call, () => setRefillPolicy(deps, call.actor, wallet.explicit_id, policy))
  if (!tried.done) return refillsForm(deps, call, wallet, sentForm(call, tried.problem))
  return goTo(call, `${pathOf(wallet)}?done=refills`)
}

const NEW = ['party_id', 'id', 'circle', 'exponent', 'lower', 'upper', 'parent'] as const

export async function showNewWallet(...[deps, call]: Ask): Promise<Response> {
  const asked = { party_id: call.query.get('party') ?? '', circle: 'public', lower: '0' }
  return newForm(deps, call, freshForm(call, asked))
}

function newForm(deps: ConsoleDeps, call: ConsoleCall, state: FormState) {
  const { language } = call
  const optional = { required: false, spellcheck: false } as const
  return sendActForm(deps, call, {
    title: text(language, 'new-title'),
    sub: text(language, 'new-sub'),
    place: 'wallets',
    path: '/wallets/new',
    back: '/wallets',
    fields: html`${input(state, { name: 'party_id', label: text(language, 'party'), hint: text(language, 'party-hint'), spellcheck: false })}${input(
      state,
      {
        name: 'id',
        label: text(language, 'search-id'),
        hint: text(language, 'id-hint'),
        spellcheck: false,
        maxlength: 120,
      },
    )}${input(state, { ...optional, name: 'circle', label: text(language, 'circle'), hint: text(language, 'circle-hint') })}${input(
      state,
      {
        ...optional,
        name: 'lower',
        label: text(language, 'lower'),
        hint: text(language, 'lower-hint'),
        inputmode: 'decimal',
      },
    )}${input(state, { ...optional, name: 'upper', label: text(language, 'upper'), hint: text(language, 'upper-hint'), inputmode: 'decimal' })}${input(
      state,
      { ...optional, name: 'parent', label: text(language, 'parent-optional'), hint: text(language, 'parent-hint') },
    )}${input(state, { ...optional, name: 'exponent', label: text(language, 'exponent'), hint: text(language, 'exponent-hint'), inputmode: 'numeric' })}`,
    names: NEW,
    password: true,
    submit: text(language, 'new-save'),
    state,
  })
}

export async function openOne(...[deps, call]: Ask): Promise<Response> {
  const { form, language } = call
  const [circle, exponent, parent] = [textOf(form, 'circle'), textOf(form, 'exponent'), textOf(form, 'parent')]
  if (exponent !== undefined && !/^\d$/.test(exponent))
    return newForm(deps, call, sentForm(call, wrongInput('exponent', text(language, 'not-number'))))
  const wish: OpenWalletInput = {
    id: textOf(form, 'id') ?? '',
    partyId: (textOf(form, 'party_id') ?? '').toLowerCase(),
    lower: limitOf(call, 'lower'),
    upper: limitOf(call, 'upper'),
    ...(circle !== undefined && { circle: circle.toLowerCase() }),
    ...(exponent !== undefined && { exponent: Number(exponent) }),
    ...(parent !== undefined && { parent: readWalletId(parent) ?? '' }),
  }
  const tried = await attempt(call, () =>
    openWallet(deps, call.actor, wish, ({ lower }, { asset }) =>
      creditUse(deps, call.user, asset, { before: 0n, after: lower }),
    ),
  )
  if (!tried.done) return newForm(deps, call, sentForm(call, tried.problem))
  call.note({ wallet: tried.value.explicitId })
  return goTo(call, `/wallets/${tried.value.explicitId}?done=open`)
}
