// What a visitor takes along or leaves behind: the link, a table, a pack's entry, a report.

import { ask } from "./actions.js"

const get = (id) => document.getElementById(id)
const page = document.body.dataset
let model
let version = ""

export function listen(known) {
  model = known
  get("wb-copy").addEventListener("click", (event) => copy(event.currentTarget, location.href))
  get("wb-copy-entry")?.addEventListener("click", (event) => copy(event.currentTarget, get("wb-entry").textContent))
  get("wb-freeze")?.addEventListener("click", freeze)
}

export function offerEntry({ entry, version: of }) {
  version = of
  if (get("wb-entry")) get("wb-entry").textContent = entry
}

// The report with the same numbers, if there is one.
export function twin({ day, link }) {
  const place = get("wb-twin")
  place.hidden = !day
  if (day) place.replaceChildren(anchor(`Same numbers as the report of ${day}`, link))
}

export function offerTables({ tables, rows }) {
  const place = get("wb-tables")
  if (!place) return
  const names = Object.keys(tables)
  place.closest("div").hidden = !names.length
  place.replaceChildren(...names.map((name) => row(name, rows[name])))
}

export function file({ name }, buffers) {
  const address = URL.createObjectURL(new Blob([buffers[0]]))
  const made = anchor("", address)
  made.href = address
  made.download = name
  made.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

function row(name, rows) {
  const item = document.createElement("li")
  const title = name.replaceAll("_", " ")
  item.append(`${title}, ${rows.toLocaleString("en")} row${rows === 1 ? "" : "s"}`)
  for (const [form, word] of [["csv", "CSV"], ["xlsx", "Excel"]]) {
    const button = item.appendChild(document.createElement("button"))
    button.type = "button"
    button.className = "button small"
    button.textContent = word
    button.setAttribute("aria-label", `${title} as ${word}`)
    button.addEventListener("click", () => model.send({ kind: "take", name, form }))
  }
  return item
}

async function freeze() {
  const button = get("wb-freeze")
  if (button.getAttribute("aria-disabled") === "true") return
  const asked = { query: location.search, version }
  if (!(await ask("Make a report of what this page shows? It replaces the one of the same parameters.", button.textContent))) return
  button.setAttribute("aria-disabled", "true")
  say("The report is being made; the page can be used meanwhile.")
  const answer = await post(`freeze/${page.name}`, asked)
  button.removeAttribute("aria-disabled")
  if (!answer.link) return say(answer.message)
  say("The report is made. ", anchor("Open it", answer.link))
  model.send({ kind: "frozen" })
}

async function post(path, content) {
  const headers = { "X-XSRFToken": page.xsrf, "Content-Type": "application/json" }
  const asked = { method: "POST", headers, body: JSON.stringify(content) }
  try {
    return await (await fetch(page.base + path, asked)).json()
  } catch {
    return { message: "Not done: the server did not answer. The gallery shows whether the report was made." }
  }
}

function say(...parts) {
  get("wb-frozen").replaceChildren(...parts)
}

function anchor(text, link) {
  const made = document.createElement("a")
  made.textContent = text
  made.href = page.base + link
  return made
}

async function copy(button, text) {
  const words = button.textContent
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = "Copied"
  } catch {
    window.prompt("To copy:", text)
  }
  setTimeout(() => (button.textContent = words), 2000)
}
