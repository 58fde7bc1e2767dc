// The buttons that copy. Without script they stay hidden, and the text beside them can be selected.
function show() {
  for (const button of document.querySelectorAll('button[data-copy][hidden]')) button.hidden = false
}

async function copy(button) {
  const text = button.parentElement.querySelector('.copy-text').textContent
  const label = button.querySelector('span')
  const words = label.textContent
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    // No permission, or no secure context: the text is selected, and the person copies it.
    getSelection().selectAllChildren(button.parentElement.querySelector('.copy-text'))
    return
  }
  label.textContent = button.dataset.done
  setTimeout(() => {
    label.textContent = words
  }, 2000)
}

document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('button[data-copy]') : null
  if (button !== null) copy(button)
})
show()
