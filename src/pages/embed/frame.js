// Inside of the frame. Tells the page around it, and no other origin, how high this page is and what became of the voucher; and
// looks by itself whether a reserved card has come, so that nobody has to.
const { host, voucher } = document.body.dataset

function tell(event, more) {
  if (host && parent !== window) parent.postMessage({ from: 'billfold-jackpot', event, ...more }, host)
}

tell('open')
if (voucher) tell('voucher', { voucher: JSON.parse(voucher) })
// The document may be as high as the frame already is; what it needs is what its content has.
const measure = () =>
  tell('size', { height: Math.ceil(document.querySelector('main').getBoundingClientRect().bottom + 24) })
new ResizeObserver(measure).observe(document.querySelector('main'))

const waiting = document.querySelector('[data-poll]')
if (waiting) {
  const { poll, state } = waiting.dataset
  let looks = 0
  const look = async () => {
    looks += 1
    if (!document.hidden) {
      const answer = await fetch(poll, { headers: { accept: 'application/json' } }).catch(() => null)
      const now = answer?.ok ? (await answer.json().catch(() => null))?.state : undefined
      if (now !== undefined && now !== state) return location.reload()
      // Its time is over: the page says so.
      if (answer?.status === 410) return location.reload()
    }
    setTimeout(look, looks < 100 ? 3000 : 15000)
  }
  setTimeout(look, 1500)
}
