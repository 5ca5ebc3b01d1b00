// Leaves of a long list of reports those that have all words of the search.
const search = document.querySelector("#search")
const found = document.querySelector("#found")
const reports = [...document.querySelectorAll(".each li")].map((item) => [item, item.textContent.toLowerCase()])

search.form.hidden = false
search.form.addEventListener("submit", (event) => event.preventDefault())
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/)
  for (const [item, text] of reports) item.hidden = !words.every((word) => text.includes(word))
  const shown = reports.filter(([item]) => !item.hidden).length
  found.textContent = search.value.trim() ? `${shown} of ${reports.length} reports` : ""
})
