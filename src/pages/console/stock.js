// The upload's progress. The server takes bytes no faster than it works them off, so what has left this page is done, nearly.
const form = document.getElementById('upload')
const box = document.getElementById('upload-progress')

form?.addEventListener('submit', (event) => {
  event.preventDefault()
  const { sending, working, broken } = form.dataset
  const bar = box.querySelector('progress')
  const note = document.getElementById('upload-note')
  const button = form.querySelector('button')
  const request = new XMLHttpRequest()
  const failed = (text) => {
    note.textContent = text
    bar.hidden = true
    button.disabled = false
  }
  request.open('POST', form.getAttribute('action'))
  request.setRequestHeader('accept', 'application/json')
  request.responseType = 'json'
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    bar.value = (100 * loaded) / total
    note.textContent = loaded < total ? `${sending} ${Math.floor(bar.value)} %` : working
  })
  request.addEventListener('load', () => {
    if (request.response?.location) location.assign(request.response.location)
    else failed(request.response?.error ?? broken)
  })
  request.addEventListener('error', () => failed(broken))
  bar.hidden = false
  bar.value = 0
  note.textContent = sending
  box.hidden = false
  button.disabled = true
  request.send(new FormData(form))
})

// Somebody's upload is going on: look again.
if (document.getElementById('running')) setTimeout(() => location.reload(), 2_000)
