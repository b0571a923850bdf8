/** Opens pages of a server as somebody who is signed in, and says how long each took. */
export type Guest = (path: string) => Promise<{ status: number; ms: number; bytes: number }>

export async function signIn(server: string, { email, password }: { email: string; password: string }): Promise<Guest> {
  const cookies = new Map<string, string>()
  const send = async (path: string, init: RequestInit = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(server + path, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    return answer
  }
  const form = await (await send('/sign-in')).text()
  const csrf = /name="csrf" value="([^"]+)"/.exec(form)?.[1] ?? ''
  const answer = await send('/sign-in', { method: 'POST', body: new URLSearchParams({ email, password, csrf }) })
  if (answer.status !== 303) throw new Error(`${email} could not sign in: ${answer.status}`)
  return (path) => timed(() => send(path))
}

/** Somebody with an API key. */
export const withKey =
  (server: string, key: string): Guest =>
  (path) =>
    timed(() => fetch(server + path, { headers: { authorization: `Bearer ${key}` } }))

async function timed(open: () => Promise<Response>) {
  const began = performance.now()
  const answer = await open()
  const body = await answer.arrayBuffer()
  return { status: answer.status, ms: performance.now() - began, bytes: body.byteLength }
}
