// A handover's token stands in the fragment, which no server sees. Signed in, it is put into the form and sent; before that it is
// kept for this tab, because the way through the sign-in form loses it. Either way it leaves the address bar and the history.
const KEPT = 'billfold-handover'
const form = document.getElementById('redeem')
const token = location.hash.slice(1)
if (token !== '') history.replaceState(null, '', location.pathname)
if (form === null) {
  if (token !== '') sessionStorage.setItem(KEPT, token)
} else {
  const found = token || sessionStorage.getItem(KEPT)
  sessionStorage.removeItem(KEPT)
  if (found && form.elements.token.value === '') {
    form.elements.token.value = found
    form.requestSubmit()
  }
}
