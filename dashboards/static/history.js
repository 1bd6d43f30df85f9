// A filter that a reader sets is a step of the browser's history; an address that the server puts right is not.
// Streamlit does the reverse: it replaces the address when a widget changes, and adds a step when the server answers.
;(() => {
  "use strict"
  const push = history.pushState.bind(history)
  const replace = history.replaceState.bind(history)
  // After Back or Forward, until the reader does something: what moves the address is no choice of theirs.
  let went = false
  // From a click on the link of another page until that page has its address: what the server says is of that one.
  let leaves = false
  addEventListener("popstate", () => { went = true; leaves = false }, true)
  for (const kind of ["pointerdown", "keydown", "input", "change"])
    addEventListener(kind, () => { went = leaves = false }, true)
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]")
    leaves = Boolean(link) && link.origin === location.origin && link.pathname !== location.pathname
  }, true)

  function samePage(address) {
    const to = new URL(address, location.href)
    return to.origin === location.origin && to.pathname === location.pathname
  }
  history.replaceState = (state, title, address) =>
    address && !went && samePage(address) && new URL(address, location.href).search !== location.search
      ? push(state, title, address)
      : replace(state, title, address)
  history.pushState = (state, title, address) => {
    if (!address || !samePage(address)) { leaves = false; push(state, title, address) }
    else if (!leaves) replace(state, title, address)
  }
})()
