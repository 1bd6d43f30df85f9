// The page on paper or as a PDF, by the browser itself: what the reader sees, as sorted, searched and opened.
// The browser proposes the title of the page as the name of the file: it says the filters.
;(() => {
  "use strict"
  let before = null
  function named() {
    const filters = [...new URLSearchParams(location.search)].filter(([name]) => name !== "chiffre").map(([, value]) => value)
    return [before, ...new Set(filters)].join(" – ").replace(/[\\/:*?"<>|]/g, " ")
  }
  addEventListener("beforeprint", () => { before ??= document.title; document.title = named() })
  addEventListener("afterprint", () => { document.title = before ?? document.title; before = null })
  document.addEventListener("click", (event) => { if (event.target.closest?.(".pn-print")) print() })
})()
