// Draws what a cell shows into its card. The new content is built out of sight and swapped in
// whole, so that a card neither flickers nor collapses while it changes.

import { offer } from "./actions.js"

const drawn = new WeakMap()
let library

function charts() {
  library ??= new Promise((resolve) => {
    const look = () => (window.drawChart ? resolve(window.drawChart) : setTimeout(look, 20))
    look()
  })
  return library
}

const KINDS = [
  ["application/vnd.workbench.action+json", offer],
  ["application/vnd.jupyter.widget-view+json", async ({ model_id: name }) => (await widget(name)).el],
  ["application/vnd.vegalite.v5+json", chart],
  ["application/vnd.vegalite.v6+json", chart],
  ["text/html", html],
  ["image/svg+xml", (text) => picture(`data:image/svg+xml,${encodeURIComponent(text)}`)],
  ["image/png", (text) => picture(`data:image/png;base64,${text}`)],
  ["image/jpeg", (text) => picture(`data:image/jpeg;base64,${text}`)],
  ["text/plain", plain],
]

export async function draw(card, outputs) {
  const before = drawn.get(card)
  const turn = { views: [] }
  drawn.set(card, turn)
  turn.last = before?.turn?.views ? before.turn : before
  const next = document.createElement("div")
  next.className = "out coming"
  card.append(next)
  try {
    for (const output of outputs) await add(next, output, turn)
    if (drawn.get(card) !== turn) return discard(next, turn)
    next.classList.remove("coming")
    const focused = card.contains(document.activeElement) && document.activeElement.dataset.offer
    card.replaceChildren(next)
    if (focused) next.querySelector(`[data-offer="${CSS.escape(focused)}"]`)?.focus()
    reach(next)
  } catch (fault) {
    next.remove()
    throw fault
  } finally {
    if (drawn.get(card) === turn) release(turn)
  }
}

export function say(card, className, text) {
  const words = document.createElement("p")
  words.className = className
  words.textContent = text.charAt(0).toUpperCase() + text.slice(1)
  drawn.get(card)?.views.forEach((view) => view.finalize())
  drawn.set(card, { views: [] })
  card.replaceChildren(words)
}

function discard(next, turn) {
  next.remove()
  turn.views.forEach((view) => view.finalize())
}

function release(turn) {
  for (let old = turn.last; old; old = old.last) old.views.forEach((view) => view.finalize())
  turn.last = undefined
}

async function add(place, output, turn) {
  const known = KINDS.find(([mime]) => mime in output)
  if (!known) return
  const [mime, make] = known
  const text = Array.isArray(output[mime]) ? output[mime].join("") : output[mime]
  place.append(await make(text, place, turn))
}

async function chart(spec, place, turn) {
  const embed = await charts()
  const { title, ...rest } = spec
  const figure = document.createElement("figure")
  const plot = document.createElement("div")
  plot.className = "plot drawn"
  plot.style.setProperty("--least", `${spec.usermeta?.least ?? 0}px`)
  const live = plot.appendChild(document.createElement("div"))
  live.className = "live"
  if (title) figure.append(caption(title))
  figure.append(plot)
  place.append(figure)
  turn.views.push(
    await embed(live, rest, {
      actions: false, ast: true, defaultStyle: false, mode: "vega-lite", renderer: "svg",
      tooltip: { theme: "house" },
    }),
  )
  return figure
}

function caption(title) {
  const words = typeof title === "string" || Array.isArray(title) ? { text: title } : title
  const head = document.createElement("figcaption")
  for (const [name, text] of [["strong", words.text], ["span", words.subtitle]]) {
    if (text && text.length) {
      head.appendChild(document.createElement(name)).textContent = [text].flat().join(" ")
    }
  }
  return head
}

// The page's widgets and those that a notebook shows. Jupyter's own renderer of a widget gives up
// for good where its model comes two seconds late, so it is waited for here.
export let manage
const managed = new Promise((known) => (manage = known))
const LOOK = 20
const PATIENCE = 60_000

export async function widget(name) {
  const manager = await managed
  const until = performance.now() + PATIENCE
  while (!manager.has_model(name)) {
    if (performance.now() > until) throw new Error("a part of this page did not come")
    await new Promise((on) => setTimeout(on, LOOK))
  }
  return manager.create_view(await manager.get_model(name))
}

function html(text) {
  const part = document.createElement("template")
  part.innerHTML = text
  return part.content
}

function picture(address) {
  const image = document.createElement("img")
  image.src = address
  image.alt = ""
  return image
}

function plain(text) {
  const words = document.createElement("pre")
  words.textContent = text
  return words
}

// What scrolls sideways must be reachable by keyboard.
export function reach(place) {
  for (const box of [place, ...place.querySelectorAll(".plot, pre, div")]) {
    const scrolls = box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "visible"
    if (scrolls) {
      box.tabIndex = 0
      box.setAttribute("role", "group")
      box.setAttribute("aria-label", "Scrolls sideways")
    } else if (box.getAttribute("aria-label") === "Scrolls sideways") {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name)
    }
  }
}
