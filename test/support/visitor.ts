/** What a visitor stands before. */
export type Answer = {
  /** 0: the server sent them to another site, at `url`, which nobody opened */
  status: number
  url: URL
  html: string
}

/** A person without a screen: keeps cookies, follows redirects on the server, fills in forms. */
export type Visitor = {
  readonly cookies: Map<string, string>
  open(url: string): Promise<Answer>
  /** Sends the form on a page that has this button, or its first form in the content, with its hidden and ticked fields. */
  submit(page: Answer, fields: Record<string, string>, button?: { name: string; value: string }): Promise<Answer>
}

const MOST_REDIRECTS = 10

export function createVisitor(server: string): Visitor {
  const cookies = new Map<string, string>()

  async function send(url: URL, init: RequestInit, redirects = 0): Promise<Answer> {
    const headers = new Headers({ accept: 'text/html', ...(init.headers as Record<string, string>) })
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    // Wherever the server says that it is, it is reached at this address.
    const at = new URL(url.pathname + url.search, server)
    const response = await fetch(at, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) keep(line)
    const html = await response.text()
    const refresh = /^0;url=(.*)$/.exec(response.headers.get('refresh') ?? '')?.[1]
    const location = response.headers.get('location') ?? refresh
    if (!location) return { status: response.status, url: at, html }
    if (redirects === MOST_REDIRECTS) throw new Error(`too many redirects, the last one to ${location}`)
    const next = new URL(location, url)
    if (!own(next)) return { status: 0, url: next, html: '' }
    return send(next, {}, redirects + 1)
  }

  const own = (url: URL) => url.origin === new URL(server).origin || url.hostname === 'billfold.example'

  function keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    const over = /max-age=0\b/i.test(line) || /expires=thu, 01.jan.1970/i.test(line)
    if (over || value === '') cookies.delete(name)
    else cookies.set(name, value)
  }

  return {
    cookies,
    open: (url) => send(new URL(url, server), {}),
    submit(page, fields, button) {
      const main = page.html.split(/<main\b/)[1] ?? page.html
      const forms = main.split(/<form\b/).slice(1)
      const wanted = button === undefined ? undefined : `name="${button.name}" value="${button.value}"`
      const form = forms.find((text) => wanted === undefined || text.includes(wanted))?.split('</form>')[0]
      if (form === undefined) throw new Error(`no such form at ${page.url} (${page.status})`)
      const body = new URLSearchParams()
      for (const [tag] of form.matchAll(/<input\b[^>]*>/g)) {
        const type = attribute(tag, 'type')
        const ticked = (type === 'checkbox' || type === 'radio') && /\schecked\b/.test(tag)
        if (type === 'hidden' || ticked) body.set(attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? 'on')
      }
      for (const [name, value] of Object.entries(fields)) body.set(name, value)
      if (button) body.set(button.name, button.value)
      const action = attribute(form.split('>')[0] as string, 'action')
      return send(new URL(action ?? page.url.pathname + page.url.search, page.url), {
        method: 'POST',
        body: body.toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
    },
  }
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
  return value
    ?.replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
