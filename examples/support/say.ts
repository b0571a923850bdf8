/** One step of the story. */
export function step(text: string): void {
  console.log(`\n▸ ${text}`)
}

/** What came of it, one line a fact. */
export function tell(facts: Record<string, unknown>): void {
  const width = Math.max(...Object.keys(facts).map((name) => name.length))
  for (const [name, value] of Object.entries(facts)) {
    console.log(`  ${name.padEnd(width)}  ${typeof value === 'object' ? JSON.stringify(value) : value}`)
  }
}

/** Says which part of the story is left out, and why. */
export function skip(part: string, reason: string): void {
  console.log(`\nskipped: ${part}: ${reason}`)
}
