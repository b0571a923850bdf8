import { callOf, wrap } from './help.ts'
import { commandEntries } from './table/commands.ts'
import type { Form } from './table/entry.ts'

/** docs/cli.md below its introduction: every command with its calls and examples, from the table. */
export function commandReference(): string {
  return commandEntries
    .map(([name, { summary, form, verbs = {}, about }]) => {
      // The schemes of `sign` and `verify` differ in nothing but their fields, which their own help lists.
      const listed = form ? [] : Object.entries(verbs)
      const forms: (readonly [string, Form])[] = form
        ? [[name, form]]
        : listed.map(([verb, one]) => [`${name} ${verb}`, one])
      const schemes = form ? Object.keys(verbs).map((verb) => `\`${name} ${verb}\``) : []
      return [
        `## ${name}`,
        `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`,
        block('text', forms.map(([call, one]) => `${wrap(callOf(call, one), 8)}\n    ${one.summary}`).join('\n')),
        ...(schemes.length > 0 ? [`The same with the fields of a scheme: ${schemes.join(', ')}.`] : []),
        block('console', forms.flatMap(([, one]) => one.examples.map((line) => `$ ${line}`)).join('\n')),
        ...(about === undefined ? [] : [block('text', about)]),
      ].join('\n\n')
    })
    .join('\n\n')
}

const block = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``
