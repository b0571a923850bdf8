export type Script = { listen: 'prerequest' | 'test'; script: { type: 'text/javascript'; exec: string[] } }

export type Pair = { key: string; value: string; description?: string; disabled?: true }

export type Auth =
  | { type: 'noauth' }
  | { type: 'bearer'; bearer: { key: 'token'; value: string; type: 'string' }[] }
  | { type: 'basic'; basic: { key: 'username' | 'password'; value: string; type: 'string' }[] }

export type Item = {
  name: string
  event?: Script[]
  request: {
    method: string
    description?: string
    auth?: Auth
    header: Pair[]
    url: { raw: string; host: string[]; path: string[]; query?: Pair[] }
    body?:
      | { mode: 'raw'; raw: string; options: { raw: { language: 'json' | 'text' } } }
      | { mode: 'urlencoded'; urlencoded: Pair[] }
  }
  response: []
}

export type Folder = { name: string; description: string; item: Item[] }

/** A Postman collection, format v2.1. */
export type Collection = {
  info: { name: string; description: string; schema: string }
  variable: { key: string; value: string }[]
  item: Folder[]
}
