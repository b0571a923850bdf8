import { mistakes } from '#sdk/explain/mistakes.ts'
import { keyWords, stepWords } from '#sdk/explain/words.ts'
import type { Language } from '../messages.ts'
import { mistakesInFrench } from './mistakes-fr.ts'
import { fieldWords, keysInFrench, schemeAbout, scriptWords, stepsInFrench } from './words.ts'

/** Every text that the page's script shows. */
export function browserWords(language: Language) {
  const isFrench = language === 'fr'
  return {
    steps: isFrench ? stepsInFrench : stepWords,
    keys: isFrench ? keysInFrench : keyWords,
    mistakes: isFrench ? mistakesInFrench : mistakes,
    fields: fieldWords[language],
    about: schemeAbout[language],
    script: scriptWords[language],
  }
}

export type BrowserWords = ReturnType<typeof browserWords>
