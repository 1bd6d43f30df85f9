// In every page that a measured reader opens: when its first figure showed, and when a changed filter had its figures.
// Instants are those of the browser (performance.now), so that who asks for them, busy with eight readers, adds nothing.
;(() => {
  "use strict"
  const FIGURE = [".pn-card .pn-value", ".pn-table td", "[data-testid=stVegaLiteChart] canvas", "[data-testid=stVegaLiteChart] svg"]
    .map((one) => `[data-testid=stMain] ${one}`).join(",")
  const watch = { since: 0, title: "", waits: "", address: "", ran: false, shown: 0 }
  window.pnStopwatch = {
    // The first figure of the page of this title: since the navigation began, or from the next click (a link).
    page(title, isLink) { Object.assign(watch, { since: isLink ? -1 : 0, title, waits: "page", shown: 0 }); look() },
    // The figures that the next click (an option) asks for.
    filter() {
      Object.assign(watch, { since: -1, waits: "filter", address: location.href, ran: false, shown: 0 })
    },
    // Milliseconds it took; 0 while it has not come.
    taken() { look(); return watch.shown && watch.shown - watch.since },
  }

  addEventListener("pointerup", (event) => { if (watch.since < 0) watch.since = event.timeStamp }, true)

  const isSeen = (element) => element.getClientRects().length > 0 && !element.closest("[data-stale=true]")
  function look() {
    if (!watch.waits || watch.shown || watch.since < 0) return
    if (watch.waits === "page") {
      if (document.querySelector("[data-testid=stMain] h1")?.textContent !== watch.title) return
      if ([...document.querySelectorAll(FIGURE)].some(isSeen)) watch.shown = performance.now()
      return
    }
    const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState
    if (state !== "notRunning") { watch.ran = true; return }
    // A browser with much to do draws a short run when it is over: then its address alone tells that it was.
    if (location.href !== watch.address) watch.ran = true
    // What a filter leaves out may change no figure; the page drawn anew is then what was waited for.
    if (watch.ran && !document.querySelector("[data-testid=stMain] [data-stale=true]"))
      watch.shown = performance.now()
  }
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ["data-stale", "data-test-script-state", "style", "open"] })
})()
