import type { CompromiseKind } from '../../../storage/compromises.ts'
import { linkButton } from '../../components.ts'
import type { Markup } from '../../layout.ts'
import { defineMessages, type Language } from '../../messages.ts'

const words = defineMessages({
  en: { compromised: 'Somebody else may have it' },
  fr: { compromised: 'Quelqu’un d’autre peut l’avoir' },
})

/** From a credential's page to the act that ends it with everything that came of it. For operators and owners. */
export const compromisedLink = (language: Language, kind: CompromiseKind, id: string): Markup =>
  linkButton(`/console/compromise/answer/${kind}/${encodeURIComponent(id)}`, words(language, 'compromised'))
