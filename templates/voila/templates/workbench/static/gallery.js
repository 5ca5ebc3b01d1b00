// The gallery's search box: hides the cards that do not hold every word typed.
const box = document.getElementById("search")
const found = document.getElementById("found")
const cards = [...document.querySelectorAll("[data-search]")]

function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean)
  for (const card of cards) {
    card.hidden = !words.every((word) => card.dataset.search.includes(word))
  }
  for (const team of document.querySelectorAll(".team")) {
    team.hidden = !team.querySelector("[data-search]:not([hidden])")
  }
  const left = cards.filter((card) => !card.hidden).length
  found.textContent = words.length ? `${left} of ${cards.length}` : ""
}

if (box) {
  box.addEventListener("input", search)
  box.form.addEventListener("submit", (event) => {
    event.preventDefault()
    document.querySelector("[data-search]:not([hidden]) a")?.click()
  })
  search()
}
