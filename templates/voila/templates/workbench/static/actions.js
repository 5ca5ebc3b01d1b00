// What a notebook offers to do: a button that asks first, and beside it what became of it.

const get = (id) => document.getElementById(id)
const told = new Map()
const doing = new Set()
let send

export const listen = (model) => (send = (message) => model.send(message))

export function offer({ label, question, mark }) {
  const place = make("div", "offer")
  const button = place.appendChild(make("button", "button strong", label))
  button.type = "button"
  button.dataset.offer = label
  place.append(make("p", "told"))
  if (document.body.dataset.act !== "yes") {
    place.lastChild.textContent = "Your role may look at this, and not do it."
    button.setAttribute("aria-disabled", "true")
    return place
  }
  button.addEventListener("click", async () => {
    if (doing.has(label) || !(await ask(question, label))) return
    doing.add(label)
    tell(label, "Working …")
    send({ kind: "act", label, mark })
  })
  show(place, label)
  return place
}

export function done({ label, good, text }) {
  doing.delete(label)
  tell(label, text, good ? "good" : "bad")
  get("wb-spoken").textContent = text
}

// Resolves to whether the visitor confirmed. The dialog keeps the focus and gives it back.
export function ask(question, label) {
  const box = get("wb-ask")
  box.querySelector("p").textContent = question
  box.querySelector("[value=do]").textContent = label
  box.returnValue = ""
  box.showModal()
  return new Promise((answer) => {
    box.addEventListener("close", () => answer(box.returnValue === "do"), { once: true })
  })
}

function tell(label, text, how = "") {
  told.set(label, { text, how })
  for (const button of document.querySelectorAll("[data-offer]")) {
    if (button.dataset.offer === label) show(button.parentElement, label)
  }
}

function show(place, label) {
  const { text = "", how = "" } = told.get(label) ?? {}
  const words = place.querySelector(".told")
  words.textContent = text
  words.className = `told ${how}`
  place.firstElementChild.setAttribute("aria-disabled", doing.has(label))
}

function make(kind, className, text = "") {
  const made = document.createElement(kind)
  made.className = className
  made.textContent = text
  return made
}
