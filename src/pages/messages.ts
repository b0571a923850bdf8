export { defineMessages, isLanguage, LANGUAGES, type Language, type Messages } from '../domain/language.ts'
