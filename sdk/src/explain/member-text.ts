/** A member's own text in a JSON object, with its order and white space; '' where it is not found. The object is known to be JSON. */
export function memberText(json: string, name: string): string {
  const start = new RegExp(`"${name}"\\s*:\\s*`).exec(json)
  if (!start) return ''
  const from = start.index + start[0].length
  for (let end = json.indexOf('}', from); end >= 0; end = json.indexOf('}', end + 1)) {
    const text = json.slice(from, end + 1)
    if (isJson(text)) return text
  }
  return ''
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
