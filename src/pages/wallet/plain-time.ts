import type { Language } from '../messages.ts'

const FORMATS: Record<Language, Intl.DateTimeFormat> = {
  en: new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }),
  fr: new Intl.DateTimeFormat('fr-FR', { dateStyle: 'medium', timeZone: 'UTC' }),
}

/** A day in UTC as plain text, for a picture's label; elsewhere a time is a `<time>` element. */
export const plainDate = (at: Date, language: Language): string => FORMATS[language].format(at)
