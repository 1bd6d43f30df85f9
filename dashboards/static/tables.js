// Tables: a heading sorts, a field searches. Works on what the page shows and on nothing else: no value is sent with a
// table but those that are read, so that the order of two withheld or equally rounded figures says nothing.
;(() => {
  "use strict"
  const words = new Intl.Collator("fr", { numeric: true, sensitivity: "base" })
  const number = new Intl.NumberFormat("fr")
  const NEXT = { none: "ascending", ascending: "descending", descending: "none" }
  // What was asked of a table, by its name: asked again when a filter draws the table anew.
  const asked = new Map()

  const nameOf = (table) => table.closest(".pn-scroll").getAttribute("aria-label")
  const memory = (table) => asked.get(nameOf(table)) ?? asked.set(nameOf(table), { direction: "none" }).get(nameOf(table))
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()

  // A date has its day (data-sort); a figure is read as written: « 1 234,5 € », « −3,2 % ». Null: nothing to compare.
  function valueOf(cell, isNumber) {
    if (cell.dataset.sort !== undefined) return cell.dataset.sort || null
    const text = cell.textContent.trim()
    if (!isNumber) return text || null
    const figure = text.replace(/[\s\u202f\u00a0]/g, "").replace("−", "-").replace(",", ".").match(/^[+-]?\d+(\.\d+)?/)
    return figure ? Number(figure[0]) : null
  }

  function sort(table) {
    const { column, direction } = memory(table)
    const heads = [...table.tHead.rows[0].cells]
    const at = heads.findIndex((head) => head.textContent === column)
    heads.forEach((head, index) => {
      if (index === at && direction !== "none") head.setAttribute("aria-sort", direction)
      else head.removeAttribute("aria-sort")
    })
    const body = table.tBodies[0]
    const rows = [...body.rows]
    rows.forEach((row, index) => { row.dataset.first ??= index })
    const isNumber = at >= 0 && heads[at].classList.contains("pn-number")
    const keyed = rows.map((row) => ({
      row, first: Number(row.dataset.first), value: at < 0 || direction === "none" ? null : valueOf(row.cells[at], isNumber),
    }))
    const sign = direction === "descending" ? -1 : 1
    keyed.sort((one, other) => {
      if (one.value === null || other.value === null || one.value === other.value)
        return (one.value === null) - (other.value === null) || one.first - other.first
      const order = typeof one.value === "number" ? one.value - other.value : words.compare(one.value, other.value)
      return sign * order || one.first - other.first
    })
    body.append(...keyed.map(({ row }) => row))
  }

  function search(table) {
    const sought = plain(memory(table).sought ?? "").split(/\s+/).filter(Boolean)
    const rows = [...table.tBodies[0].rows]
    for (const row of rows) {
      const text = plain(row.textContent)
      row.hidden = !sought.every((word) => text.includes(word))
    }
    const found = rows.filter((row) => !row.hidden).length
    const told = table.closest(".pn-searched")?.querySelector(".pn-found")
    if (!told) return
    const noun = found > 1 ? "lignes" : "ligne"
    told.textContent = sought.length ? `${found ? number.format(found) : "aucune"} ${noun} sur ${number.format(rows.length)}` : ""
  }

  function again(table) {
    if (!asked.has(nameOf(table))) return
    const { direction, sought } = memory(table)
    if (direction !== "none") sort(table)
    const field = table.closest(".pn-searched")?.querySelector("input")
    if (field && sought) { field.value = sought; search(table) }
  }

  document.addEventListener("click", (event) => {
    const head = event.target.closest?.(".pn-sort")?.closest("th")
    if (!head) return
    const table = head.closest("table")
    const kept = memory(table)
    kept.direction = kept.column === head.textContent ? NEXT[kept.direction] : "ascending"
    kept.column = head.textContent
    sort(table)
  })
  document.addEventListener("input", (event) => {
    const field = event.target.closest?.(".pn-searched")
    if (!field || !event.target.matches(".pn-find input")) return
    const table = field.querySelector("table")
    memory(table).sought = event.target.value
    search(table)
  })
  new MutationObserver((changes) => {
    if (!asked.size) return
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node.querySelectorAll) node.querySelectorAll(".pn-table").forEach(again)
  }).observe(document, { subtree: true, childList: true })
})()
