/** A moment as browsers write it into a form, taken for UTC; undefined for anything else. */
export function readMoment(text: string | undefined): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text ?? '')) return undefined
  const at = new Date(`${text}Z`)
  return Number.isNaN(at.getTime()) ? undefined : at
}
