/** What a page looks like to somebody without a mouse. */
export type Inspected = {
  /** what keeps somebody from using it, a line each */
  findings: string[]
  /** paths and queries of this server's that it leads to */
  links: string[]
  /** what its forms send as they stand */
  forms: { action: string; fields: [string, string][] }[]
  /** its own scripts */
  scripts: string[]
  /** how often Tab stops on it */
  stops: number
}

/**
 * Runs in the page, which needs no script of its own for it. Every control has its place in the order of Tab, shows that it has the focus, and is
 * one by nature: what is a link or a button takes Enter and Space without a script.
 * @param scripted the page's own scripts run
 */
export function inspect(scripted: boolean): Inspected {
  const findings: string[] = []
  const seen = (element: Element) => element.checkVisibility({ visibilityProperty: true })
  const named = (element: Element) => element.outerHTML.replace(/\s+/g, ' ').slice(0, 120)
  const all = <Kind extends Element>(selector: string) => [...document.querySelectorAll<Kind>(selector)]

  if (all('main h1').filter(seen).length !== 1) findings.push('there is not one h1')
  const controls = all<HTMLElement>(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], [role=button], iframe',
  ).filter((one) => seen(one) && !(one as HTMLButtonElement).disabled && one.id !== 'content')
  // Before anything has the focus and scrolls to it. A link may go on in the next line.
  const lines = controls.map((one) => (one.closest('main') ? [...one.getClientRects()] : []))
  for (const [at, one] of controls.entries()) {
    const [start, before] = [lines[at]?.[0], lines[at - 1]?.at(-1)]
    // The next one stands below, or beside, or in a column to the right.
    if (start && before && start.bottom < before.top - 1 && start.left < before.left + 1)
      findings.push(`comes after what stands below it: ${named(one)}`)
    if (one.tabIndex !== 0) findings.push(`has no place in the order of Tab, or one of its own: ${named(one)}`)
    one.focus({ focusVisible: true } as FocusOptions)
    if (document.activeElement !== one) {
      findings.push(`takes no focus: ${named(one)}`)
      continue
    }
    // A link that stands for the whole card around it shows it around the card.
    const outlined = [undefined, '::after'].some((pseudo) => {
      const { content, outlineStyle, outlineWidth } = getComputedStyle(one, pseudo)
      return (
        (pseudo === undefined || content !== 'none') && outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
      )
    })
    if (!outlined) findings.push(`does not show the focus: ${named(one)}`)
    const box = one.getBoundingClientRect()
    if (box.width < 1 || box.height < 1) findings.push(`has the focus and cannot be seen: ${named(one)}`)
  }
  for (const one of all('[role=button]:not(button), [onclick]')) findings.push(`is no button by nature: ${named(one)}`)
  for (const one of all('main *')) {
    if (getComputedStyle(one).cursor === 'pointer' && !one.closest('a, button, input, select, label, summary'))
      findings.push(`is there for a mouse alone: ${named(one)}`)
  }
  for (const { hash } of all<HTMLAnchorElement>('a[href^="#"]')) {
    const id = decodeURIComponent(hash.slice(1))
    if (id !== '' && !document.getElementById(id)) findings.push(`leads nowhere: ${hash}`)
  }
  const forms = all<HTMLFormElement>('form').filter(seen)
  for (const form of forms) {
    // A script may have to ask the device before it sends the form.
    const types = scripted ? ['submit', 'button'] : ['submit']
    const buttons = [...form.elements].filter((one) => types.includes((one as HTMLButtonElement).type) && seen(one))
    if (buttons.length === 0) findings.push(`has no button that sends it: ${named(form)}`)
  }
  if (!scripted) {
    for (const one of all('button').filter(seen))
      if ((one as HTMLButtonElement).type !== 'submit' || !(one as HTMLButtonElement).form)
        findings.push(`does nothing without a script: ${named(one)}`)
  }
  const here = location.origin
  return {
    findings,
    links: all<HTMLAnchorElement>('a[href]')
      .filter(({ origin }) => origin === here)
      .map(({ pathname, search }) => pathname + search),
    forms: forms
      .filter(({ method }) => method === 'post')
      .map((form) => ({
        action: new URL(form.action).pathname,
        fields: [...new FormData(form, form.querySelector<HTMLButtonElement>('button:not([type=button])'))].map(
          ([name, value]) => [name, typeof value === 'string' ? value : ''],
        ),
      })),
    scripts: all<HTMLScriptElement>('script[src]').map(({ src }) => new URL(src).pathname.replace(/-[\w-]{6,}\./, '.')),
    stops: controls.length,
  }
}
