import { html } from 'hono/html'
import { EVENT_TYPES } from '../../../domain/event-types.ts'
import { checkbox, field } from '../../components.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { errorOf, type Refused } from '../act-form.ts'
import type { ConsoleCall } from '../route.ts'
import { webhookWords as words } from './words.ts'

const FAMILIES = [...new Set(Object.keys(EVENT_TYPES).map((type) => type.split('.')[0] as string))]

/** Every filter that may be chosen, in the order of the page. */
const FILTERS = ['*', ...FAMILIES.flatMap((family) => [`${family}.*`, ...typesOf(family)])]

function typesOf(family: string): string[] {
  return Object.keys(EVENT_TYPES).filter((type) => type.startsWith(`${family}.`))
}

/** What an endpoint is, as the form has it. */
export type EndpointFields = { url: string; topics: readonly string[]; note: string }

export const readEndpointForm = ({ form }: ConsoleCall): EndpointFields => ({
  url: form.get('url')?.trim() ?? '',
  topics: FILTERS.filter((filter) => form.has(`topic:${filter}`)),
  note: form.get('note') ?? '',
})

/** The fields that a new endpoint and a changed one have in common. */
export function endpointFields(call: ConsoleCall, values: EndpointFields, refusal: Refused | null): Markup {
  const { language } = call
  const wrong = errorOf(call, refusal, 'topics')
  const chosen = new Set(values.topics)
  return html`${field({
    name: 'url',
    label: words(language, 'url'),
    hint: words(language, 'url-hint'),
    value: values.url,
    inputmode: 'text',
    spellcheck: false,
    maxlength: 2000,
    error: errorOf(call, refusal, 'url'),
  })}<fieldset${wrong === undefined ? '' : html` aria-describedby="topics-error"`}><legend>${words(language, 'topics')}</legend>${
    wrong === undefined ? '' : html`<p class="error" id="topics-error">${wrong}</p>`
  }${topicBox('*', words(language, 'everything'), chosen)}${FAMILIES.map((family) => familyBoxes(family, chosen, language))}</fieldset>${field(
    {
      name: 'note',
      label: words(language, 'note'),
      required: false,
      maxlength: 200,
      value: values.note,
      error: errorOf(call, refusal, 'note'),
    },
  )}`
}

const topicBox = (topic: string, label: string | Markup, chosen: ReadonlySet<string>): Markup =>
  checkbox({ name: `topic:${topic}`, label, checked: chosen.has(topic) })

/** Folded away unless something of it is chosen. */
function familyBoxes(family: string, chosen: ReadonlySet<string>, language: Language): Markup {
  const types = typesOf(family)
  const open = [`${family}.*`, ...types].some((topic) => chosen.has(topic))
  return html`<details class="boxes"${open ? html` open` : ''}><summary><code>${family}</code></summary>${topicBox(
    `${family}.*`,
    words(language, 'family', { family }),
    chosen,
  )}${types.map((type) => topicBox(type, html`<code>${type}</code>`, chosen))}</details>`
}
