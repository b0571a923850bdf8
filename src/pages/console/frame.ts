import { html } from 'hono/html'
import { field, linkButton, notice } from '../components.ts'
import { factorFields } from '../factors/fields.ts'
import { layout, type Markup } from '../layout.ts'
import { sessionOf } from '../session.ts'
import type { ConsolePlace } from './places.ts'
import type { ConsoleCall, ConsoleDeps } from './route.ts'
import { consolePlaces } from './tables.ts'
import { consoleText as text } from './words.ts'

const GROUPS = ['money', 'cards', 'checkout', 'access', 'watch'] as const

export type ConsolePage = {
  title: string
  /** where in the navigation it is: the `id` of a place */
  place: string
  body: Markup
  status?: 200 | 404 | 409 | 422 | 429
  /** one of ours, loaded after the page, which works without it */
  script?: Parameters<typeof layout>[1]['script']
  /** it has charts (`chart.ts`) */
  charts?: boolean
}

/** A page of the console in its frame: the sections at the side, the page beside them. */
export function sendConsole(
  deps: Pick<ConsoleDeps, 'assets'>,
  call: ConsoleCall,
  page: ConsolePage,
): Response | Promise<Response> {
  const { c, language } = call
  const session = sessionOf(c)
  const scripts = [page.script ?? []].flat()
  if (page.charts) scripts.unshift('uplot.js', 'console/chart.js')
  if (call.factorQuestion?.passkey) scripts.push('factors/passkey.js')
  const body = html`<div class="console"><details class="sections"><summary>${text(language, 'sections')}${placeOf(call, page.place)}</summary>${navigation(
    call,
    page.place,
  )}</details><div class="console-page">${adviceOf(call)}${page.body}</div></div>`
  return c.html(
    layout(deps.assets, {
      title: page.title,
      session,
      language,
      nav: 'console',
      style: page.charts ? ['console/console.css', 'uplot.css'] : 'console/console.css',
      ...(scripts.length > 0 && { script: scripts }),
      body,
    }),
    page.status ?? 200,
  )
}

/** Where the sections are folded up, which of them this is. */
function placeOf({ language }: ConsoleCall, here: string): Markup | '' {
  const place = consolePlaces.find(({ id }) => id === here)
  return place ? html` <span class="soft">${place.label[language]}</span>` : ''
}

/** Who runs the installation has more to lose than a password. */
function adviceOf({ user, factorQuestion, language }: ConsoleCall): Markup | '' {
  if (user.role !== 'operator' || factorQuestion !== null) return ''
  const link = html`<a href="/account/security">${text(language, 'factor-advice-link')}</a>`
  return notice('plain', html`${text(language, 'factor-advice')} ${link}`)
}

function navigation({ user, language }: ConsoleCall, here: string): Markup {
  const mine = consolePlaces.filter(({ who }) => who.includes(user.role))
  const link = ({ id, path, label }: ConsolePlace) =>
    html`<li><a href="/console${path}"${id === here ? html` aria-current="page"` : ''}>${label[language]}</a></li>`
  const groups = GROUPS.map((group) => {
    const places = mine.filter((place) => place.group === group)
    return places.length === 0
      ? ''
      : html`<h2 class="group">${text(language, `group-${group}`)}</h2><ul>${places.map(link)}</ul>`
  })
  const alone = mine.filter(({ group }) => group === null)
  return html`<nav aria-label="${text(language, 'sections')}"><ul>${alone.map(link)}</ul>${groups}</nav>`
}

/**
 * Stands in the form of every dangerous act: the password, and the second factor where there is one.
 * @param when in words, where it is not always asked for: then it may be left empty
 */
export function passwordField(
  { language, passwordProblem, factorProblem, factorQuestion }: ConsoleCall,
  when?: string,
): Markup {
  const factor =
    factorQuestion === null
      ? ''
      : factorFields(language, factorQuestion, {
          ...(factorProblem !== null && { error: factorProblem }),
          optional: when !== undefined,
        })
  const password = field({
    name: 'password',
    type: 'password',
    label: text(language, 'password'),
    hint: when ?? text(language, 'password-hint'),
    required: when === undefined,
    autocomplete: 'current-password',
    ...(passwordProblem !== null && { error: passwordProblem }),
  })
  return html`${password}${factor}`
}

/** The way back from a question. @param path below `/console` */
export const cancelLink = ({ language }: ConsoleCall, path: string): Markup =>
  linkButton(`/console${path}`, text(language, 'cancel'))
