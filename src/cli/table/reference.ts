import { API_NAMES } from '../../openapi/names.ts'
import type { CommandEntry } from './entry.ts'

const PROTOCOL = API_NAMES.join('|')

export const openapi: CommandEntry = {
  summary: 'print the OpenAPI document or the Postman collection of a protocol',
  form: {
    summary: 'prints the OpenAPI 3.1 document of a protocol, from the schemas that the server checks requests with',
    usage: `${PROTOCOL} [--postman] [--url URL]`,
    examples: [
      'billfold openapi walleo > walleo.openapi.json',
      'billfold openapi tillo --postman --url https://billfold.example > tillo.postman_collection.json',
    ],
  },
  about: `It needs neither server nor database. A server has the same at /docs/openapi/PROTOCOL.json and /docs/postman/PROTOCOL.json.

  --postman    a Postman collection (v2.1) in its place, whose scripts sign
  --url URL    where the collection sends to; http://localhost:8080 where it is absent`,
}
