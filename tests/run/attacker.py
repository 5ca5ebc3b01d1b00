"""A visitor who speaks to the app server's websockets without a browser."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from served import Served
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

V1 = "v1.kernel.websocket.jupyter.org"
Message = dict[str, Any]


class Link:
    """An open websocket to a kernel; every message heard is kept."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.socket = socket
        self.heard: list[Message] = []

    async def send(self, kind: str, content: Message, channel: str = "shell") -> None:
        """Send a message of a kind."""
        header = {"msg_id": uuid4().hex, "msg_type": kind, "session": "test", "username": "x"}
        header |= {"date": "2026-01-01T00:00:00Z", "version": "5.3"}
        parts = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        if self.socket.selected_subprotocol == V1:
            packed = [json.dumps(part).encode() for part in parts.values()]
            await self.socket.write_message(serialize_msg_to_ws_v1(packed, channel), binary=True)
        else:
            await self.socket.write_message(json.dumps(parts | {"channel": channel}))

    async def hear(self, kind: str, holds: str = "", patience: float = 60) -> Message:
        """Return the next message of a kind that holds a text."""
        async with asyncio.timeout(patience):
            while raw := await self.socket.read_message():
                message = _message(raw)
                self.heard.append(message)
                if message["header"]["msg_type"] == kind and holds in json.dumps(message):
                    return message
        raise AssertionError(f"no {kind} came")

    async def comms(self) -> list[str]:
        """Return the ids of everything that kernel and page talk through."""
        await self.send("comm_info_request", {})
        return list((await self.hear("comm_info_reply"))["content"]["comms"])


@asynccontextmanager
async def link(
    server: Served,
    cookie: str,
    kernel: str,
    protocols: Sequence[str] = (),
    origin: str = "",
    session: str = "test",
) -> AsyncIterator[Link]:
    """Open the websocket of a kernel."""
    address = f"ws://127.0.0.1:{server.port}/api/kernels/{kernel}/channels?session_id={session}"
    headers = {"Cookie": cookie, "Origin": origin or server.address}
    socket = await websocket_connect(
        HTTPRequest(address, headers=headers), subprotocols=list(protocols)
    )
    try:
        yield Link(socket)
    finally:
        socket.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                while await socket.read_message() is not None:
                    """Wait until it is closed."""


def _message(raw: str | bytes) -> Message:
    if isinstance(raw, str):
        return dict(json.loads(raw))
    _, parts = deserialize_msg_from_ws_v1(raw)
    names = ("header", "parent_header", "metadata", "content")
    return {name: json.loads(part) for name, part in zip(names, parts, strict=False)}
