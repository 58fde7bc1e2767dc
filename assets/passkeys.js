// Passkeys: asks the browser for one and sends its answer with the form. Without script, or where the browser knows none, the
// buttons stay away and the page says so.
const { browserSupportsWebAuthn, startAuthentication, startRegistration } = SimpleWebAuthnBrowser

function part(form, name) {
  return form.querySelector(`[data-passkey-${name}]`)
}

function say(form, name) {
  for (const one of ['failed', 'known']) {
    const words = part(form, one)
    if (words !== null) words.hidden = one !== name
  }
}

async function answer(form) {
  const optionsJSON = JSON.parse(form.dataset.options)
  const start = form.dataset.passkey === 'create' ? startRegistration : startAuthentication
  return JSON.stringify(await start({ optionsJSON }))
}

async function send(form) {
  const button = form.querySelector('button[type="submit"]')
  say(form, undefined)
  button.disabled = true
  try {
    form.elements.passkey.value = await answer(form)
    form.submit()
  } catch (error) {
    // The device has one already, or nothing came of it: cancelled, too late, another window.
    say(form, error.name === 'InvalidStateError' ? 'known' : 'failed')
    button.disabled = false
  }
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (browserSupportsWebAuthn()) {
    for (const one of form.querySelectorAll('[data-passkey-shown]')) one.hidden = false
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      send(form)
    })
  } else {
    part(form, 'unsupported').hidden = false
  }
}
