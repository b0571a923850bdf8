// Shows the buttons that are of no use without a script: print, and copy the link (or select it, where the clipboard is closed).
for (const button of document.querySelectorAll('button[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => print())
}
for (const button of document.querySelectorAll('button[data-copy]')) {
  const link = document.getElementById(button.dataset.copy)
  button.hidden = false
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(link.textContent)
    } catch {
      getSelection().selectAllChildren(link)
    }
    button.dataset.done = ''
  })
}
