// What Voilà calls while it makes the page, and the word on an app that could not start.

window.voila_heartbeat = window.voila_process = window.voila_finish = () => {}

document.addEventListener("DOMContentLoaded", () => {
  if (!document.querySelector("[data-failed]")) return
  const notice = document.getElementById("wb-notice")
  const pulse = document.getElementById("wb-pulse")
  notice.textContent = "This app could not start. The server's log says why."
  notice.hidden = false
  pulse.textContent = "Not started"
  pulse.dataset.state = "lost"
})
