export { diagnose, explainSigning, guessScheme, signingSnippet } from './explain.ts'
export { exampleValues, fillExample, type SigningField, signingFields } from './fields.ts'
export { fillIn } from './fill-in.ts'
export { type Mistake, mistakes } from './mistakes.ts'
export { type SnippetLanguage, snippetLanguages } from './snippets/snippets.ts'
export {
  type Diagnosis,
  ExplainError,
  type Explanation,
  type FinalRequest,
  type Finding,
  type KeyForm,
  type SigningScheme,
  type SigningValues,
  type Step,
  type StepName,
  signingSchemes,
} from './types.ts'
export { showInvisible } from './visible.ts'
export { keyWords, stepWords } from './words.ts'
