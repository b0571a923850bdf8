import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Language } from '../domain/language.ts'

/** Who is signed in, as pages see it. */
export type PageSession = {
  /** names the session in lists; opens nothing */
  id: string
  partyId: string
  /** of the party */
  name: string
  email: string
  operator: boolean
  /** the party is a business, so its team has the console */
  business: boolean
  /** in the team of the party */
  role: 'owner' | 'member' | 'viewer'
  /** has an authenticator app */
  totp: boolean
  /** has a passkey */
  passkey: boolean
  /** this server wants a second factor of them before anything else */
  mustSecure: boolean
  /** hidden field of every form */
  csrf: string
  /** ms since the epoch */
  signedInAt: number
}

/** What the frame's middleware sets for every page. */
export type PageEnv = {
  /** Node's own request and response; absent where a test calls a page without a network */
  Bindings: Partial<HttpBindings>
  Variables: {
    session: PageSession | null
    language: Language
    /** the hidden field's value, for the session or, before sign-in, for the form cookie, which it sets */
    csrf: () => string
    /** throws when a form did not come from a page of ours. `signsIn`: it may be older than the session */
    checkForm: (csrf: string | undefined, options?: { signsIn?: boolean }) => void
    /** the caller's network address; '' when there is none */
    address: string
    /** origins to which this page's forms may lead by a redirect, beside our own */
    formTargets: string[]
    /** the page's script asks this server for something */
    connects?: boolean
    /** who may frame this page; absent: nobody */
    framers?: string[]
  }
}

export type PageContext = Context<PageEnv>
