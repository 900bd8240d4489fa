"""A way to PostgreSQL whose connections are cut while a commit is under way.

It stands between the driver and the server and passes on what they send. When a message that it is
told of has gone to the server, it cuts: before the server has it, while the server does it, or when
the server has answered and the client has not heard of it.
"""

import random
import select
import socket
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

Way = Literal["never sent", "under way", "never answered"]
WAYS: Final[tuple[Way, ...]] = ("never sent", "under way", "never answered")
ANSWER_SECONDS: Final = 10.0


class Cutting:
    """A proxy on a socket in a folder; `share` of the messages with one of `marks` are cut."""

    def __init__(
        self,
        server_socket: str,
        folder: Path,
        marks: tuple[bytes, ...],
        share: float = 1.0,
        ways: tuple[Way, ...] = WAYS,
    ) -> None:
        self.cuts: Counter[str] = Counter()
        self._share = share
        self._server_socket = server_socket
        self._marks = marks
        self._ways = ways
        self._draw = random.Random(share)  # noqa: S311
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.5432"))
        self._listener.listen(64)
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, suppress(OSError):
            server.connect(self._server_socket)
            while True:
                ready, _, _ = select.select([client, server], [], [])
                for source in ready:
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is server:
                        client.sendall(data)
                    elif self._draws(data):
                        self._cut(server, data)
                        return
                    else:
                        server.sendall(data)

    def _draws(self, data: bytes) -> bool:
        return any(mark in data for mark in self._marks) and self._draw.random() < self._share

    def _cut(self, server: socket.socket, data: bytes) -> None:
        way = self._draw.choice(self._ways)
        self.cuts[way] += 1
        if way != "never sent":
            server.sendall(data)
        if way == "never answered":
            select.select([server], [], [], ANSWER_SECONDS)
