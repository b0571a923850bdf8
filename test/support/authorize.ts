import assert from 'node:assert/strict'

/** The address of a page that a redirect leads to, without the origin that the server believes it has. */
const pathOf = (location: string | null): string => {
  assert.ok(location, 'no redirect')
  const url = new URL(location, 'http://own.invalid')
  return url.pathname + url.search
}

export type StepAnswer = { status: number; headers: Headers; text: string; location: string | null }

export type Person = {
  get(path: string): Promise<StepAnswer>
  post(path: string, fields: Record<string, string>): Promise<StepAnswer>
  /** Signs in on the page. */
  signIn(person: { email: string; password: string }): Promise<void>
  /** Opens an authorization request and goes on to the consent page, signing in on the way if need be. */
  open(
    query: Record<string, string>,
    signIn?: { email: string; password: string },
  ): Promise<StepAnswer & { path: string }>
  /** Sends the consent page's form as it stands, changed as given, and follows it to the application's address. */
  decide(page: { path: string; text: string }, changes?: Record<string, string | null>): Promise<URL>
}

/**
 * A person's browser for the authorization server and its pages, by HTTP alone: a cookie jar that knows paths, forms that are sent
 * as they stand.
 */
export function createPerson(url: string): Person {
  const jar: { name: string; value: string; path: string }[] = []

  async function send(path: string, init: RequestInit = {}): Promise<StepAnswer> {
    const sent = jar.filter((cookie) => within(path.split('?', 1)[0] as string, cookie.path))
    const headers = new Headers({ accept: 'text/html', ...(init.headers as Record<string, string>) })
    if (sent.length > 0) headers.set('cookie', sent.map(({ name, value }) => `${name}=${value}`).join('; '))
    const response = await fetch(url + path, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) keep(line)
    const { status } = response
    return {
      status,
      headers: response.headers,
      text: await response.text(),
      location: response.headers.get('location'),
    }
  }

  function keep(line: string) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    const path = /;\s*path=([^;]+)/i.exec(line)?.[1] ?? '/'
    const at = jar.findIndex((cookie) => cookie.name === name && cookie.path === path)
    if (at >= 0) jar.splice(at, 1)
    if (value !== '' && !/max-age=0\b|expires=Thu, 01 Jan 1970/i.test(line)) jar.push({ name, value, path })
  }

  const person: Person = {
    get: (path) => send(path),
    post: (path, fields) =>
      send(path, {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: url, 'sec-fetch-site': 'same-origin' },
      }),
    async signIn({ email, password }) {
      const { text } = await send('/sign-in')
      const answer = await person.post('/sign-in', { ...fieldsOf(text, '/sign-in'), email, password })
      assert.ok(answer.status === 303 || answer.status === 200, `${answer.status} ${answer.text}`)
    },
    async open(query, signIn) {
      const begun = await send(`/oauth/authorize?${new URLSearchParams(query)}`)
      assert.equal(begun.status, 303, `${begun.status} ${begun.text}`)
      const path = pathOf(begun.location)
      let page = await send(path)
      if (page.location?.startsWith('/sign-in') && signIn) {
        await person.signIn(signIn)
        page = await send(path)
      }
      return { ...page, path }
    },
    async decide({ path, text }, changes = {}) {
      const fields = { ...fieldsOf(text, path), decision: 'allow', ...changes }
      const kept = Object.entries(fields).filter((field): field is [string, string] => field[1] !== null)
      const decided = await person.post(path, Object.fromEntries(kept))
      assert.equal(decided.status, 303, `${decided.status} ${decided.text}`)
      const ended = await send(pathOf(decided.location))
      assert.equal(ended.status, 303, `${ended.status} ${ended.text}`)
      return new URL(ended.location as string)
    },
  }
  return person
}

const within = (path: string, scope: string) =>
  scope === '/' || path === scope || path.startsWith(scope.endsWith('/') ? scope : `${scope}/`)

/** What the form to an address would send if nothing on it were touched. */
export function fieldsOf(text: string, action: string): Record<string, string> {
  const form = text.split(/<form\b/).find((part) => part.includes(`action="${action}"`))
  assert.ok(form, `no form to ${action} in ${text}`)
  const body = form.split('</form>', 1)[0] as string
  const fields: Record<string, string> = {}
  for (const [tag] of body.matchAll(/<input\b[^>]*>/g)) {
    const [name, value, type] = ['name', 'value', 'type'].map((key) => attribute(tag, key))
    if (type === 'checkbox' ? / checked[ >]/.test(tag) : type === 'hidden') fields[name as string] = value ?? ''
  }
  for (const [, name, options] of body.matchAll(/<select\b[^>]*name="([^"]*)"[^>]*>(.*?)<\/select>/gs)) {
    const chosen =
      /<option value="([^"]*)" selected>/.exec(options as string) ?? /<option value="([^"]*)"/.exec(options as string)
    fields[name as string] = chosen?.[1] ?? ''
  }
  return fields
}

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(` ${name}="([^"]*)"`)
    .exec(tag)?.[1]
    ?.replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
