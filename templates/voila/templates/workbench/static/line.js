// The page's own line to its kernel, open before Jupyter's widgets are: what cells show comes by it.

const config = JSON.parse(document.getElementById("jupyter-config-data").textContent)
const address = `api/kernels/${config.kernelId}/channels?session_id=page`
const AGAIN = 1000
const PATIENCE = 5000
let hear
let socket
let told

export function open(tell) {
  hear = tell
  told = false
  socket = new WebSocket(new URL(config.baseUrl + address, location.href).href.replace("http", "ws"))
  socket.binaryType = "arraybuffer"
  socket.onopen = () => ask(socket)
  socket.onmessage = ({ data }) => take(...(typeof data === "string" ? [data] : parts(data)))
  socket.onclose = () => setTimeout(again, AGAIN)
}

const again = () => document.getElementById("wb-pulse").dataset.state === "lost" || open(hear)

// The kernel may not have been listening yet.
function ask(on) {
  if (told || on !== socket || on.readyState !== WebSocket.OPEN) return
  send({ kind: "ready" })
  setTimeout(ask, PATIENCE, on)
}

export function send(content) {
  const header = { msg_id: String(performance.now()), msg_type: "comm_msg", session: "page" }
  Object.assign(header, { username: "", version: "5.3", date: new Date().toISOString() })
  const said = { comm_id: "page", data: { method: "custom", content } }
  const message = { channel: "shell", header, parent_header: {}, metadata: {}, content: said }
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  else socket.addEventListener("open", () => send(content), { once: true })
}

function take(text, ...buffers) {
  const { content } = JSON.parse(text)
  if (content.data?.method !== "custom") return
  told ||= content.data.content.kind === "told"
  hear(content.data.content, buffers)
}

// A message with files: how many parts, where each begins, then the parts, of which the first is text.
function parts(data) {
  const view = new DataView(data)
  const starts = Array.from({ length: view.getUint32(0) }, (_, n) => view.getUint32(4 + 4 * n))
  const [text, ...buffers] = starts.map((start, n) => data.slice(start, starts[n + 1]))
  return [new TextDecoder().decode(text), ...buffers]
}
