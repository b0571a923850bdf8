// Reads codes with the camera where the browser can: Chromium on Android and macOS. Elsewhere the code is typed, or comes from a
// scanner that types. The picture stays in this page.
const box = document.getElementById('scan')
const button = document.getElementById('scan-button')
const video = document.getElementById('scan-video')
const note = document.getElementById('scan-note')
const { code, amount } = document.getElementById('till').elements
const label = button.textContent
let stream = null

if ('BarcodeDetector' in window && navigator.mediaDevices) box.hidden = false
button.addEventListener('click', () => (stream === null ? scan() : stop()))

function stop() {
  for (const track of stream?.getTracks() ?? []) track.stop()
  stream = null
  video.srcObject = null
  video.hidden = true
  button.textContent = label
}

async function scan() {
  note.textContent = ''
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
    const detector = new BarcodeDetector()
    button.textContent = box.dataset.stop
    video.hidden = false
    video.srcObject = stream
    await video.play()
    while (stream !== null) {
      const [found] = await detector.detect(video)
      if (found?.rawValue) {
        stop()
        code.value = found.rawValue
        navigator.vibrate?.(50)
        amount.focus()
        return
      }
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
  } catch {
    if (stream !== null) stop()
    note.textContent = box.dataset.failed
  }
}
