import { apiDocuments } from '../api-documents.ts'
import { API_NAMES, isApiName } from '../openapi/names.ts'
import { createCollection } from '../openapi/postman/create-collection.ts'
import { readArguments, requirePositionals } from './arguments.ts'
import { UsageError } from './command.ts'
import { printJson } from './output.ts'

export async function run(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { postman: 'boolean', url: 'string', json: 'boolean' })
  const [name = ''] = requirePositionals(positionals, 'PROTOCOL')
  if (!isApiName(name)) throw new UsageError(`there is no protocol "${name}", only ${API_NAMES.join(', ')}`)
  const { url = 'http://localhost:8080' } = options
  if (!/^https?:\/\/[^/?#]+$/.test(url)) throw new UsageError('--url reads https://billfold.example, without a path')
  const document = await apiDocuments[name]()
  printJson(options.postman ? createCollection(name, document, url) : document)
  return 0
}
