// The page on paper or as a PDF, by the browser itself: what the reader sees, as sorted, searched and opened.
// The browser proposes the title of the page as the name of the file: it says the filters. Every sheet says at its foot
// what it is of: the page, its filters, the date of the data and the version.
;(() => {
  "use strict"
  const BETWEEN = " – "
  //: What comes before the value of a filter that would not say by itself what it is.
  const WORDS = { du: "de ", au: "à " }
  let before = null
  let foot = null
  function filters(worded) {
    const chosen = [...new URLSearchParams(location.search)].filter(([name]) => name !== "chiffre")
    return new Set(chosen.map(([name, value]) => (worded ? (WORDS[name] ?? "") : "") + value))
  }
  function named() {
    return [before, ...filters(false)].join(BETWEEN).replace(/[\\/:*?"<>|]/g, " ")
  }
  function fact(label) {
    const terms = [...document.querySelectorAll(".pn-facts dt")]
    const found = terms.find((term) => term.textContent.trim().startsWith(label))
    return found ? `${label} ${found.parentElement.querySelector("dd").textContent.trim().split(/,| \(/)[0]}` : ""
  }
  // A text of a style sheet: nothing in it may end it.
  function quoted(text) {
    return `"${text.replace(/[^\p{L}\p{N} .,;:()%€'’«»+/–-]/gu, " ")}"`
  }
  function footed() {
    const told = [before, ...filters(true), fact("Données au"), fact("Version")].filter(Boolean).join(BETWEEN)
    const style = document.createElement("style")
    style.textContent = `@page { @bottom-left { content: ${quoted(told)}; width: 90%; }
      @bottom-right { content: counter(page) " / " counter(pages); } }`
    return style
  }
  addEventListener("beforeprint", () => {
    before ??= document.title
    document.title = named()
    foot?.remove()
    foot = document.head.appendChild(footed())
  })
  addEventListener("afterprint", () => {
    document.title = before ?? document.title
    before = null
    foot?.remove()
    foot = null
  })
  document.addEventListener("click", (event) => { if (event.target.closest?.(".pn-print")) print() })
})()
