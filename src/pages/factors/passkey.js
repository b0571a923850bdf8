// Asks a passkey and sends the form with its answer. The page says everything else: nothing is loaded, and without this script, or in
// a browser without passkeys, the buttons stay hidden.
;(() => {
  if (!window.PublicKeyCredential) return

  const bytes = (text) => {
    const padded = text.replaceAll('-', '+').replaceAll('_', '/')
    return Uint8Array.from(atob(padded), (sign) => sign.charCodeAt(0))
  }
  const text = (buffer) => {
    if (!buffer) return undefined
    const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('')
    return btoa(signs)
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/={1,2}$/, '')
  }
  const named = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }))

  const get = (options) =>
    navigator.credentials.get({
      publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) },
    })

  const create = (options) =>
    navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: named(options.excludeCredentials),
      },
    })

  const answer = ({ id, rawId, type, authenticatorAttachment, response }) => ({
    id,
    rawId: text(rawId),
    type,
    authenticatorAttachment,
    clientExtensionResults: {},
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports ? response.getTransports() : undefined,
      authenticatorData:
        response.getAuthenticatorData && response.attestationObject ? undefined : text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: text(response.userHandle),
    },
  })

  for (const place of document.querySelectorAll('[data-passkey]')) {
    const form = place.closest('form')
    const button = place.querySelector('button')
    const problem = place.querySelector('[role=alert]')
    place.hidden = false
    form.hidden = false
    button.addEventListener('click', async () => {
      // What else the form asks for is asked for first.
      if (!form.reportValidity()) return
      problem.hidden = true
      button.disabled = true
      try {
        const options = JSON.parse(place.dataset.options)
        const credential = await (place.dataset.passkey === 'create' ? create(options) : get(options))
        place.querySelector('input[name=passkey]').value = JSON.stringify(answer(credential))
        form.submit()
      } catch (error) {
        problem.textContent = error.name === 'InvalidStateError' ? place.dataset.known : place.dataset.failed
        problem.hidden = false
        button.disabled = false
      }
    })
  }
})()
