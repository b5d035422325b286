"""Moving pictures: an endless GIF, or an MP4 where PyAV is installed."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from PIL import Image

from pipeline.core.errors import UsageError
from pipeline.core.files import write_bytes
from pipeline.core.shards import Pixels

FRAMES_PER_SECOND: Final = 25
KINDS: Final = (".gif", ".mp4")

_FRAME_MS: Final = 1000 // FRAMES_PER_SECOND
_QUALITY: Final = {"crf": "16", "x264-params": "no-asm=1"}
"""Near to lossless. x264's vector code looks at memory beside small pictures and then decides one
way or another; its plain code writes the same film every time."""


def write_film(path: Path, frames: Iterable[Pixels]) -> None:
    """Write ``frames`` (h, w, 3) as what the suffix of ``path`` says, some frames at a time.

    Raises:
        UsageError: it is none of `KINDS`, or PyAV is missing for an MP4.
    """
    match path.suffix.lower():
        case ".gif":
            write_bytes(path, _gif(frames))
        case ".mp4":
            write_bytes(path, _mp4(iter(frames)))
        case other:
            raise UsageError(f"{path}: a film is written as {' or '.join(KINDS)}, not {other!r}")


def _gif(frames: Iterable[Pixels]) -> bytes:
    pictures = (Image.fromarray(frame) for frame in frames)
    data = io.BytesIO()
    next(pictures).save(
        data, "GIF", save_all=True, append_images=pictures, duration=_FRAME_MS, loop=0
    )
    return data.getvalue()


def _mp4(frames: Iterator[Pixels]) -> bytes:
    """H.264 in one thread, for several would split the picture otherwise."""
    try:
        import av
    except ImportError as error:
        raise UsageError(
            "an MP4 needs PyAV: pip install 'salon[video]', or write a .gif"
        ) from error
    first = next(frames)
    data = io.BytesIO()
    with av.open(data, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FRAMES_PER_SECOND, options=_QUALITY)
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        for frame in chain([first], frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return data.getvalue()
