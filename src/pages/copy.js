// Shows the copy buttons, which are of no use without a script. Where the clipboard is closed (plain HTTP), it selects instead.
for (const button of document.querySelectorAll('button[data-copy]')) {
  const code = document.getElementById(button.dataset.copy)
  const label = [...button.childNodes]
  let timer
  button.hidden = false
  button.setAttribute('aria-live', 'polite')
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent)
      button.textContent = button.dataset.copied ?? 'Copied'
    } catch {
      getSelection().selectAllChildren(code)
      button.textContent = button.dataset.selected ?? 'Selected'
    }
    clearTimeout(timer)
    timer = setTimeout(() => {
      button.replaceChildren(...label)
    }, 2000)
  })
}
