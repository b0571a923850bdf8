const LONGEST_FILE = 400

// Written in two parts, so that this file keeps its own rules.
const UNFINISHED = new RegExp(`\\b(?:${['TO', 'FIX'].map((half, i) => half + ['DO', 'ME'][i]).join('|')})\\b`)
const FOCUSED = new RegExp(`\\b(?:test|it|describe|suite)\\.${'only'}\\(|\\b${'only'}: true\\b`)

/** What a formatter and a linter do not see, one line each. @param file relative to the repository */
export function checkStyle(file: string, source: string): string[] {
  const lines = source.split('\n')
  const problems: string[] = []
  if (/^(src|sdk\/src)\/.+\.ts$/.test(file) && lines.length - 1 > LONGEST_FILE) {
    problems.push(`${file}: ${lines.length - 1} lines, more than ${LONGEST_FILE}: cut it in two`)
  }
  for (const [index, line] of lines.entries()) {
    if (UNFINISHED.test(line)) problems.push(`${file}:${index + 1}: unfinished work belongs to an issue`)
    if (FOCUSED.test(line)) problems.push(`${file}:${index + 1}: a focused test hides all the others`)
  }
  return problems
}
