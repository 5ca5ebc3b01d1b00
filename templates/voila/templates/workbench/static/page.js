// The page of an app: takes the kernel's messages and keeps controls, cards and link in step.

import { done, listen } from "./actions.js"
import { draw, reach, say, widget } from "./draw.js"
import * as line from "./line.js"
import { pulse, watch } from "./pulse.js"
import * as take from "./take.js"

const get = (id) => document.getElementById(id)
const card = (position) => document.querySelector(`[data-cell="${position}"]`)

export { manage } from "./draw.js"

function hear(message, buffers) {
  const answer = ANSWERS[message.kind]
  if (answer) Promise.resolve(answer(message, buffers)).catch(tell)
}

// The controls come alive out of sight, and take the place of the bones when they are whole.
async function controls() {
  const view = await widget("controls")
  const { luminoWidget: made } = view
  made.constructor.attach(made, get("rendered_cells"))
  await whole(view)
  get("wb-controls").replaceChildren(made.node)
  get("wb-controls").removeAttribute("aria-busy")
  stick(get("wb-controls"))
  made.node.querySelectorAll(".wb-control").forEach(name)
  document.documentElement.dataset.controls = "ready"
}

async function whole(view) {
  await view.displayed
  const inside = await Promise.all(view.children_views?.views ?? [])
  await Promise.all(inside.map(whole))
}

// Once the controls stick to the top they make themselves small.
function stick(controls) {
  const above = document.createElement("div")
  controls.before(above)
  const seen = ([entry]) => controls.classList.toggle("stuck", entry.boundingClientRect.bottom < 0)
  new IntersectionObserver(seen).observe(above)
}

// Names for what Jupyter's widgets leave nameless to a screen reader.
function name(control, index) {
  const label = control.querySelector(".widget-label")
  const help = control.querySelector(".wb-help")
  const field = control.querySelector("[role=slider], input, select")
  if (help && field) {
    help.id = `wb-help-${index}`
    field.setAttribute("aria-describedby", help.id)
  }
  control.querySelectorAll("[title=null]").forEach((part) => part.removeAttribute("title"))
  for (const group of control.querySelectorAll(".wb-chips, .wb-presets")) {
    group.setAttribute("role", "group")
    const what = group.matches(".wb-presets") ? "the usual ones" : "choose any"
    group.setAttribute("aria-label", `${label.textContent}, ${what}`)
  }
  for (const nameless of control.querySelectorAll("[role=slider], [contenteditable]")) {
    nameless.setAttribute("aria-label", label.textContent)
    if (nameless.isContentEditable) nameless.setAttribute("role", "textbox")
  }
}

const ANSWERS = { cell, same, busy, notice, link, facts, tables, done, twin: take.twin, file: take.file }

async function cell({ position, state, outputs, message, done: ready, of }) {
  progress(ready, of)
  const place = same({ position })
  place.dataset.state = state
  place.hidden = state === "empty" || (state !== "failed" && place.dataset.kind === "silent")
  if (state === "shown") await draw(place, outputs)
  if (state === "failed") say(place, "fault", message)
  if (state === "blocked") say(place, "blocked", "Not shown, because a step above did not work.")
}

function same({ position }) {
  const place = card(position)
  place.classList.remove("waiting", "busy")
  place.removeAttribute("aria-busy")
  return place
}

function progress(done, of) {
  const bar = get("wb-progress")
  if (bar.classList.contains("over")) return
  bar.setAttribute("aria-valuemax", of)
  bar.setAttribute("aria-valuenow", done)
  bar.style.setProperty("--done", done / of)
  bar.classList.toggle("over", done === of)
  if (done < of) pulse("starting", `${done} of ${of}`)
}

function busy({ positions }) {
  for (const position of positions) {
    card(position).classList.add("busy")
    card(position).setAttribute("aria-busy", "true")
  }
  pulse(positions.length ? "working" : "live")
}

function tell(fault) {
  notice({ text: String(fault) })
}

function notice({ text }) {
  get("wb-notice").textContent = text
  get("wb-notice").hidden = !text
}

function link({ query }) {
  history.replaceState(null, "", query ? `?${query}` : location.pathname)
}

function facts({ command, entry, retailer, version, last_day: lastDay, declared, rests_on: restsOn }) {
  get("wb-command").textContent = command
  take.offerEntry({ entry, version })
  const known = [["Retailer", retailer], ["Rests on", restsOn || version], ["Last day", lastDay]]
  known.push(["Declared, not observed", declared])
  const told = known.filter(([, value]) => value)
  get("wb-source").replaceChildren(...told.flatMap(([label, value]) => fact("span", label, "b", value)))
  get("wb-source").hidden = !told.length
  const first = get("wb-facts").firstElementChild
  get("wb-facts").replaceChildren(first, ...told.map(([label, value]) => pair(label, value)))
}

function fact(outer, label, inner, value) {
  const part = document.createElement(outer)
  part.append(`${label} `)
  part.appendChild(document.createElement(inner)).textContent = value
  return [part]
}

function pair(label, value) {
  const part = document.createElement("div")
  part.appendChild(document.createElement("dt")).textContent = label
  part.appendChild(document.createElement("dd")).textContent = value
  return part
}

function tables({ tables: marks, rows }) {
  take.offerTables({ tables: marks, rows })
  get("wb-fingerprints").dataset.tables = JSON.stringify(marks)
}

line.open(hear)
listen(line)
take.listen(line)
controls().catch(tell)
watch()
window.addEventListener("resize", () => document.querySelectorAll(".out").forEach(reach))
