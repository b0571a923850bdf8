import type { Recipe } from './recipe.ts'

/** The languages in which a program is written. */
export const snippetLanguages = ['curl', 'node', 'php', 'ruby', 'python'] as const
/** One of {@link snippetLanguages}. */
export type SnippetLanguage = (typeof snippetLanguages)[number]

const writers: Record<SnippetLanguage, () => Promise<(recipe: Recipe) => string>> = {
  curl: async () => (await import('./curl.ts')).curlSnippet,
  node: async () => (await import('./node.ts')).nodeSnippet,
  php: async () => (await import('./php.ts')).phpSnippet,
  ruby: async () => (await import('./ruby.ts')).rubySnippet,
  python: async () => (await import('./python.ts')).pythonSnippet,
}

/** A program in the language, from the one recipe. */
export const writeSnippet = async (language: SnippetLanguage, recipe: Recipe): Promise<string> =>
  (await writers[language]())(recipe)
