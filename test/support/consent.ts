import assert from 'node:assert/strict'

/** What a person answers: all that is asked, nothing, or only some of the operations. */
export type ConsentAnswer = 'allow' | 'decline' | { scopes: string[] }

type Page = { at: URL; status: number; html: string }

/**
 * A person follows an authorization request by HTTP, cookies and forms alone: signs in, and answers.
 * @param server its origin
 * @returns the address that the person is sent back to, which nobody opens
 */
export async function answerRequest(
  server: string,
  request: string | URL,
  { email, password }: { email: string; password: string },
  answer: ConsentAnswer = 'allow',
): Promise<URL> {
  const { origin } = new URL(server)
  const cookies = new Map<string, string>()

  /** Goes where an answer leads: to a page of the server, or to the address of somebody else. */
  async function go(to: URL, form?: URLSearchParams, steps = 0): Promise<Page> {
    if (to.origin !== origin) return { at: to, status: 0, html: '' }
    assert.ok(steps < 10, `too many redirects, the last to ${to}`)
    const response = await fetch(to, {
      method: form ? 'POST' : 'GET',
      ...(form ? { body: form } : {}),
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form ? { origin } : {}),
      },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '' || /max-age=0\b|expires=thu, 01.jan.1970/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    // Some forms end in a page that leads on by itself.
    const refresh = /^0;\s*url=(.+)$/.exec(response.headers.get('refresh') ?? '')?.[1] ?? null
    const location = response.headers.get('location') ?? refresh
    const html = await response.text()
    return location === null
      ? { at: to, status: response.status, html }
      : go(new URL(location, to), undefined, steps + 1)
  }

  const submit = ({ at, html }: Page, changes: (fields: Map<string, string>) => void) => {
    const form = /<form\b[^>]*>[\s\S]*?<\/form>/.exec(html.slice(html.indexOf('<main')))?.[0] ?? ''
    const fields = fieldsOf(form)
    changes(fields)
    return go(new URL(attribute(form, 'action') ?? at.href, at), new URLSearchParams([...fields]))
  }

  let page = await go(new URL(request, origin))
  if (page.at.pathname === '/sign-in') {
    page = await submit(page, (fields) => fields.set('email', email).set('password', password))
  }
  if (page.at.pathname.startsWith('/interaction/')) {
    page = await submit(page, (fields) => {
      fields.set('decision', answer === 'decline' ? 'decline' : 'allow')
      if (typeof answer === 'string') return
      for (const name of [...fields.keys()]) {
        if (name.startsWith('scope:') && !answer.scopes.includes(name.slice('scope:'.length))) fields.delete(name)
      }
    })
  }
  assert.equal(page.status, 0, `still at ${page.at}: ${page.html}`)
  return page.at
}

/** What a form would send as it stands, its buttons aside. */
function fieldsOf(form: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [tag] of form.matchAll(/<input\b[^>]*>/g)) {
    if (attribute(tag, 'type') === 'checkbox' && !/\schecked\b/.test(tag)) continue
    fields.set(attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? '')
  }
  for (const [list] of form.matchAll(/<select\b[\s\S]*?<\/select>/g)) {
    const chosen = /<option\b[^>]*\sselected\b[^>]*>/.exec(list) ?? /<option\b[^>]*>/.exec(list)
    fields.set(attribute(list, 'name') ?? '', attribute(chosen?.[0] ?? '', 'value') ?? '')
  }
  return fields
}

/** Of the first tag of a text that has it. */
function attribute(text: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(text)?.[1]
  const entities: Record<string, string> = { quot: '"', '#39': "'", lt: '<', gt: '>', amp: '&' }
  return value?.replace(/&(quot|#39|lt|gt|amp);/g, (_, entity) => entities[entity] as string)
}
