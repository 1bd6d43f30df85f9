// The page on paper or as a PDF, by the browser itself: what the reader sees, as sorted, searched and opened. A choice is
// written out, whole: its box would cut it. A long table gives its first rows and says where the others are.
// The browser proposes the title of the page as the name of the file: it says the filters. Every sheet says at its foot
// what it is of: the page, its filters, the date of the data and the version.
;(() => {
  "use strict"
  const BETWEEN = " – "
  //: What comes before the value of a filter that would not say by itself what it is.
  const WORDS = { du: "de ", au: "à " }
  //: Rows of a table on paper: two sheets at most, and every territory. A table with a few more is not cut for so few.
  const ROWS = 40
  //: And on the sheet of a place, which is one page.
  const SHEET_ROWS = 12
  const FEW = 8
  const number = new Intl.NumberFormat("fr")
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
    return `"${text.replace(/[^\p{L}\p{N} .,;:()%°€'’«»+/–-]/gu, " ")}"`
  }
  function footed() {
    const told = [before, ...filters(true), fact("Données au"), fact("Version")].filter(Boolean).join(BETWEEN)
    const style = document.createElement("style")
    style.textContent = `@page { @bottom-left { content: ${quoted(told)}; width: 90%; }
      @bottom-right { content: counter(page) " / " counter(pages); } }`
    return style
  }
  // Of each choice, its name and all that is chosen, to be written by the style sheet.
  function writeChoices() {
    for (const choice of document.querySelectorAll("[data-testid=stSelectbox], [data-testid=stMultiSelect]")) {
      const field = choice.querySelector("[role=combobox]")
      const chosen = [...choice.querySelectorAll("[data-tag] [title]")].map((tag) => tag.title)
      choice.dataset.label = choice.querySelector("label").textContent.trim()
      choice.dataset.paper = chosen.join(", ") || field.value || field.placeholder
    }
  }
  // A table of which the page itself has the first rows only says how many there are (data-rows).
  function shorten() {
    for (const table of document.querySelectorAll(".pn-table")) {
      const shown = [...table.tBodies[0].rows].filter((row) => !row.hidden)
      const most = table.closest(".st-key-sheet") ? SHEET_ROWS : ROWS
      if (shown.length <= most + FEW) continue
      for (const row of shown.slice(most)) row.classList.add("pn-beyond")
      const isSearched = shown.length < table.tBodies[0].rows.length
      const all = number.format(isSearched ? shown.length : (table.dataset.rows ?? shown.length))
      table.closest(".pn-scroll").dataset.left =
        `Sur le papier, les ${most} premières lignes sur ${all}${isSearched ? " trouvées" : ""}, dans l'ordre de ` +
        "l'écran. Le fichier à télécharger sous ce tableau les a toutes ; en XLSX, il s'imprime en entier."
    }
  }
  function lengthen() {
    for (const row of document.querySelectorAll(".pn-beyond")) row.classList.remove("pn-beyond")
    for (const table of document.querySelectorAll(".pn-scroll[data-left]")) delete table.dataset.left
    for (const choice of document.querySelectorAll("[data-paper]")) {
      delete choice.dataset.paper
      delete choice.dataset.label
    }
  }
  addEventListener("beforeprint", () => {
    lengthen()
    writeChoices()
    shorten()
    before ??= document.title
    document.title = named()
    foot?.remove()
    foot = document.head.appendChild(footed())
  })
  addEventListener("afterprint", () => {
    lengthen()
    document.title = before ?? document.title
    before = null
    foot?.remove()
    foot = null
  })
  document.addEventListener("click", (event) => { if (event.target.closest?.(".pn-print")) print() })
})()
