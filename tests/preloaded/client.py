"""Has a script run by the server, as if it ran here: `client.py SOCKET SCRIPT ARGUMENT ...`.

Imports next to nothing, as it is what starts instead of the script.
"""

import json
import os
import signal
import socket
import sys
from types import FrameType


def main() -> int:
    """The exit code of the script."""
    address, *words = sys.argv[1:]
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(address)

        def pass_on(number: int, _: FrameType | None) -> None:
            server.send(bytes([number]))

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, pass_on)
        here = os.getcwd()  # noqa: PTH109 - pathlib takes longer to import than all else here
        request = {"words": words, "folder": here, "variables": dict(os.environ)}
        text = json.dumps(request).encode()
        socket.send_fds(server, [len(text).to_bytes(4, "big")], [0, 1, 2])
        server.sendall(text)
        answer = server.recv(1)
    if not answer:
        sys.exit("tests/preloaded/server.py ended before the command did")
    return answer[0]


sys.exit(main())
