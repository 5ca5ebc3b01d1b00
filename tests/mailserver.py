"""A mail server on this machine that keeps what it gets, and can be told to misbehave."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Inbox:
    """What arrived, as sent; refused addresses; and after how many messages the line is cut."""

    port: int = 0
    messages: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    cut_after: int | None = None


@contextmanager
def receiving() -> Iterator[Inbox]:
    """Receive mail on a free port for as long as the block lasts."""
    inbox = Inbox()

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 here")
            to = ""
            while line := self.rfile.readline().decode().rstrip("\r\n"):
                verb = line[:4].upper()
                if verb == "RCPT":
                    to = line.partition("<")[2].rstrip(">")
                    self.say("550 nobody" if to in inbox.refuses else "250 ok")
                elif verb == "DATA":
                    self.say("354 go on")
                    text = self.read()
                    inbox.messages.append(text)
                    inbox.recipients.append(to)
                    if inbox.cut_after == len(inbox.messages):
                        return
                    self.say("250 taken")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def read(self) -> str:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            return b"".join(lines).decode()

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        inbox.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield inbox
        finally:
            server.shutdown()
