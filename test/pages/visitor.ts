import assert from 'node:assert/strict'

export type PageAnswer = { status: number; headers: Headers; text: string; location: string | null }

/** A browser without a screen: keeps cookies, fills in forms, follows nothing by itself. */
export type Visitor = {
  readonly cookies: Map<string, string>
  get(path: string, headers?: Record<string, string>): Promise<PageAnswer>
  /** Sends a form as it is given. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<PageAnswer>
  /** Opens a page, fills in the form on it that leads to `action` and sends it with its hidden fields. */
  submit(path: string, fields: Record<string, string>, action?: string): Promise<PageAnswer>
  /** The hidden fields of the form on a page that leads to `action`. */
  hidden(path: string, action?: string): Promise<Record<string, string>>
}

export function createVisitor(url: string, standing: Record<string, string> = {}): Visitor {
  const cookies = new Map<string, string>()

  async function send(path: string, init: RequestInit): Promise<PageAnswer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = new Headers({ accept: 'text/html', ...standing, ...(init.headers as Record<string, string>) })
    if (cookie) headers.set('cookie', cookie)
    const response = await fetch(url + path, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0\b/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, location: response.headers.get('location') }
  }

  const visitor: Visitor = {
    cookies,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, fields, headers = {}) =>
      send(path, {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      }),
    async hidden(path, action = path.split('?')[0]) {
      const { text, status } = await visitor.get(path)
      const forms = text.split(/<form\b/).slice(1)
      const form = forms.find((part) => part.includes(`action="${action}"`))
      assert.ok(form, `no form to ${action} on ${path} (${status})`)
      const inputs = (form.split('</form>')[0] as string).matchAll(
        /<input type="hidden" name="([^"]*)" value="([^"]*)"/g,
      )
      return Object.fromEntries([...inputs].map(([, name, value]) => [name, plainText(value as string)]))
    },
    async submit(path, fields, action = path.split('?')[0]) {
      const hidden = await visitor.hidden(path, action)
      return visitor.post(action as string, { ...hidden, ...fields }, { origin: url, 'sec-fetch-site': 'same-origin' })
    },
  }
  return visitor
}

const plainText = (text: string) =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
