"""Files and folders of pictures through a trained translation, a PNG each."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from curation.images.decode import Fault, decode
from curation.images.orientation import turn_of, turned
from curation.images.squares import window
from pipeline.core import log
from pipeline.core.errors import FilesError, UsageError
from pipeline.core.shards import Pixels
from train.compute import device
from train.samples import sheets
from train.translation import model
from train.translation.model import Translator
from train.translation.tasks import WHOLE

MAX_MEGAPIXELS: Final = 200.0
"""As of `ingest.max_megapixels`."""
HALF: Final = 128
"""Opacity below which a pixel is missing."""
_AT_ONCE: Final = 32


@dataclass(frozen=True)
class Source:
    """A picture to translate."""

    path: Path
    name: str
    """Of what is made of it, without a suffix."""


def translate_files(
    weights: Path, given: Sequence[Path], out: Path, *, derive: bool, back: bool = False
) -> None:
    """Make a picture of each of ``given``, files and all files of folders, in the folder ``out``.

    With ``derive`` the inputs are made of them first, as a training does; with ``back`` they are
    of the target collection.

    Raises:
        UsageError: ``out`` is there or below a file, or two pictures would have one name, or there
            are none, or the translation has nothing to derive or no way back.
        TrainingError: there is no model.
        FilesError: some cannot be read; the others were made.
    """
    if out.exists():
        raise UsageError(f"--out: {out} is there already; name a folder that is not")
    if (above := next(each for each in out.absolute().parents if each.exists())).is_file():
        raise UsageError(f"--out: {above} is a file, so nothing can lie in it; name another folder")
    sources = sources_of(given)
    device.make_deterministic()
    translator = model.load(weights, device.find(), back=back)
    if derive and translator.game.task is WHOLE:
        raise UsageError(
            f"--derive: {weights} takes whole pictures, so there is nothing to derive; leave it out"
        )
    unreadable: list[str] = []
    made = 0
    for part in _parts(sources):
        read = [_read(source, translator, derive=derive) for source in part]
        unreadable += [answer for answer in read if isinstance(answer, str)]
        whole = [
            (source, answer)
            for source, answer in zip(part, read, strict=True)
            if not isinstance(answer, str)
        ]
        if not whole:
            continue
        pixels = np.stack([answer for _, answer in whole])
        inputs = translator.derive(pixels[..., :3]) if derive else translator.read(pixels)
        for (source, _), picture in zip(whole, translator.make(inputs), strict=True):
            sheets.write_png(out / f"{source.name}.png", picture)
        made += len(whole)
    log.say(f"translate: {log.counted(made, 'picture')} in {out}" if made else "translate: none")
    if unreadable:
        raise FilesError("\n".join(unreadable))


def sources_of(given: Sequence[Path]) -> list[Source]:
    """The pictures that ``given`` names, those of a folder by their names.

    Raises:
        UsageError: two would have one name, or there are none.
    """
    paths = list(_files(given))
    if not paths:
        raise UsageError(f"{', '.join(map(str, given))}: no file to translate")
    by_name: dict[str, Path] = {}
    for path in paths:
        other = by_name.setdefault(path.stem, path)
        if other != path:
            raise UsageError(
                f"{other} and {path} would both be {path.stem}.png; translate them one by one"
            )
    return [Source(path, name) for name, path in by_name.items()]


def _files(given: Iterable[Path]) -> Iterator[Path]:
    for path in given:
        if path.is_dir():
            yield from sorted(each for each in path.iterdir() if _is_shown(each))
        else:
            yield path


def _is_shown(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".")


def _parts(sources: Sequence[Source]) -> Iterator[Sequence[Source]]:
    for start in range(0, len(sources), _AT_ONCE):
        yield sources[start : start + _AT_ONCE]


def _read(source: Source, translator: Translator, *, derive: bool) -> Pixels | str:
    """The picture as a square of the model's resolution (r, r, 4), or why there is none."""
    if source.path.exists() and not source.path.is_file():  # reading a pipe would wait for ever
        return f"{source.path}: cannot be read (no file and no folder)"
    try:
        data = source.path.read_bytes()
    except OSError as error:
        return f"{source.path}: cannot be read ({error.strerror})"
    decoded = decode(data, max_megapixels=MAX_MEGAPIXELS)
    if isinstance(decoded, Fault):
        return f"{source.path}: cannot be read ({decoded.detail})"
    opacity = _opacity(data, decoded.size)
    if translator.game.task.needs_clear and not derive and np.asarray(opacity).min() >= HALF:
        return (
            f"{source.path}: nothing of it is clear, so nothing is missing; erase what is to be "
            f"filled in and save it as PNG, or use --derive"
        )
    return _square(decoded.pixels, opacity, translator.params.resolution)


def _opacity(data: bytes, size: tuple[int, int]) -> Image.Image:
    """How opaque each pixel of the upright picture is; `decode` has laid it on white."""
    with Image.open(io.BytesIO(data)) as file:
        if "A" not in file.getbands() and "transparency" not in file.info:
            return Image.new("L", size, 255)
        file.load()
        return turned(file.convert("RGBA").getchannel("A"), turn_of(file))


def _square(pixels: Pixels, opacity: Image.Image, side: int) -> Pixels:
    """The square in the middle, ``side`` wide: (side, side, 4)."""
    height, width = pixels.shape[:2]
    cut = window(width, height, 0.5)
    box = (cut.left, cut.top, cut.left + cut.side, cut.top + cut.side)
    colours = Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS, box)
    clear = opacity.resize((width, height)) if opacity.size != (width, height) else opacity
    # A pixel counts as missing as soon as any of what it is made of is, or white would bleed in.
    missing = Image.fromarray((np.asarray(clear) < HALF).astype(np.uint8) * 255)
    shrunk = missing.resize((side, side), Image.Resampling.LANCZOS, box)
    opaque = np.where(np.asarray(shrunk) > 0, 0, 255).astype(np.uint8)
    return np.concatenate([np.asarray(colours), opaque[..., None]], axis=2)
