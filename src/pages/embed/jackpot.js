// For the page of a partner:
//   <script src="https://billfold.example/embed/jackpot.js" data-session="…" data-lang="fr" data-into="#cards"></script>
// Puts the page of a session into a frame, behind this script or into the element that `data-into` selects, and tells what becomes
// of the voucher by events of the frame, which bubble: `jackpot:open`, `jackpot:reserved`, `jackpot:ready`, …, `jackpot:failed`.
;(() => {
  const script = document.currentScript
  if (!script) return console.error('jackpot.js: load it by a script element without type="module"')
  const { session, lang, into } = script.dataset
  if (!session) return console.error('jackpot.js: data-session is missing')
  // Nothing else on the page needs to find it there.
  script.removeAttribute('data-session')
  const { origin } = new URL(script.src)

  const frame = document.createElement('iframe')
  frame.name = `billfold-jackpot-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`
  const language = lang || document.documentElement.lang || navigator.language
  frame.title = language.startsWith('fr') ? 'Choisir une carte cadeau' : 'Choose a gift card'
  // It opens cards in pages of their own, and never takes this page elsewhere.
  frame.sandbox =
    'allow-forms allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads'
  frame.style.cssText = 'display:block;width:100%;height:32rem;border:0;color-scheme:normal'

  const emit = (name, detail) => frame.dispatchEvent(new CustomEvent(`jackpot:${name}`, { detail, bubbles: true }))
  let opened = false
  let told = ''
  addEventListener('message', ({ source, origin: sender, data }) => {
    if (source !== frame.contentWindow || sender !== origin || data?.from !== 'billfold-jackpot') return
    if (data.event === 'open' && !opened) {
      opened = true
      emit('open', null)
    }
    if (data.event === 'size' && data.height > 0) frame.style.height = `${Math.min(Math.ceil(data.height), 10000)}px`
    if (data.event === 'voucher') {
      const { id, state } = data.voucher
      if (told === `${id} ${state}`) return
      told = `${id} ${state}`
      emit(state.toLowerCase(), data.voucher)
    }
  })
  // A browser does not say that a frame was refused: an old session, or a page that may not frame it.
  setTimeout(() => opened || emit('failed', null), 15000)

  const show = () => {
    const place = into ? document.querySelector(into) : null
    if (into && !place) return console.error(`jackpot.js: nothing here is ${into}`)
    if (place) place.append(frame)
    else script.after(frame)
    // By a form, so that the session stands in no address, and so in no log, history or referrer.
    const form = document.createElement('form')
    form.method = 'post'
    form.action = `${origin}/embed/jackpot`
    form.target = frame.name
    form.hidden = true
    for (const [name, value] of Object.entries({ session, lang: language.slice(0, 2), host: location.origin })) {
      const field = document.createElement('input')
      field.type = 'hidden'
      field.name = name
      field.value = value
      form.append(field)
    }
    document.body.append(form)
    form.submit()
    form.remove()
  }
  if (document.readyState !== 'loading' || (document.body && (!into || document.querySelector(into)))) show()
  else addEventListener('DOMContentLoaded', show)
})()
