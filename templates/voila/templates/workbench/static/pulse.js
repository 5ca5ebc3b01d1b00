// Tells the visitor whether what he sees is alive: starting, working, live, offline or lost.

const WORDS = {
  starting: "Starting", working: "Working", live: "Live", offline: "Offline", lost: "Session lost",
}
const EVERY = 10_000
const config = JSON.parse(document.getElementById("jupyter-config-data").textContent)
const pill = document.getElementById("wb-pulse")
const banner = document.getElementById("wb-lost")
let state = "starting"
let wanted = "starting"

export function pulse(next, words) {
  if (next) wanted = next
  if (state === "lost") return
  if (state !== "offline" || next === "lost") show(next ?? wanted, words)
}

function show(next, words) {
  state = next
  pill.dataset.state = next
  pill.textContent = words ?? WORDS[next]
  if (next === "lost") lose()
}

function lose() {
  banner.querySelector("span").textContent = "This page lost its session."
  banner.hidden = false
  document.getElementById("wb-controls").inert = true
  banner.querySelector("button").focus()
}

async function check() {
  if (state === "lost") return
  try {
    const answer = await fetch(`${config.baseUrl}session/${config.kernelId}`, { cache: "no-store" })
    if (answer.status === 404) show("lost")
    else if (state === "offline") show(wanted)
  } catch {
    show("offline")
  }
}

export function watch() {
  banner.querySelector("button").addEventListener("click", () => location.reload())
  window.addEventListener("offline", () => state !== "lost" && show("offline"))
  window.addEventListener("online", check)
  window.addEventListener("pagehide", () => {
    navigator.sendBeacon(`${config.baseUrl}voila/api/shutdown/${config.kernelId}`)
  })
  window.addEventListener("pageshow", (event) => event.persisted && location.reload())
  document.addEventListener("visibilitychange", () => document.hidden || check())
  setInterval(() => document.hidden || check(), EVERY)
}
