"""A training from its command to its end: alone in its folder, going on or fresh, stopped or done.

The same for whatever is trained; what it is called stands in its `Subject`.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Final

from pipeline.core import log
from pipeline.core.errors import TrainingError
from pipeline.core.files import exclusive, storage_errors, write_bytes
from train.compute.device import Compute
from train.data.real_images import stored_size
from train.data.variants import Source, Variants
from train.loop import checkpoint
from train.loop.checkpoint import Checkpoint
from train.loop.fingerprint import code_digest, fingerprint
from train.loop.tensorboard_curves import Curves
from train.loop.training import Training
from train.monitor.rules import Row

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C and `kill`: a wish that is granted between two steps."""


def train_to_end(training: Training, name: str, warm: Checkpoint | None, model: Path) -> None:
    """Train ``training``, whose fingerprint is ``name``, from where it was left to its end.

    ``model`` is the folder that will hold what is published; it is emptied.

    Raises:
        InterruptedRunError: a signal stopped the training after a checkpoint.
        UnhealthyError: the monitor stopped the training.
        TrainingError: the processes do not agree, or a checkpoint is of another training.
    """
    _begin(training, name, warm)
    _check_agreement(training, name)
    if training.compute.ranks.first:
        _forget_others(training)
    with _stop_wished() as stop:
        finished = False
        while not finished:  # each time it is set back, its curves are drawn anew
            finished = _run(training, model, stop)
    if training.compute.ranks.first and training.params.publish == "best":
        training.take_best()


def name_of(
    training: Training, pixels: Path, variants: Variants, data: str, warm: Checkpoint | None
) -> str:
    """The fingerprint of ``training``, whose data have the digest ``data``."""
    shown = [Source(pixels, variants), training.subject.targets]
    shards = [
        source.pixels / str(stored_size(source.pixels, training.recipe.resolution)) / f"{shard}.npy"
        for source in shown
        if source is not None
        for shard in source.variants.shard_names
    ]
    code = code_digest(type(training.recipe))
    return fingerprint(training.params, data, shards, code, warm.digest if warm else None)


def warm_checkpoint(root: Path, section: str, path: str, besides: str = "") -> Checkpoint:
    """The checkpoint at ``path`` that ``section`` of the params names to start from.

    ``besides`` names what else could be, in the words of a message.

    Raises:
        TrainingError: it is missing or torn.
    """
    saved = checkpoint.load_checkpoint(root / path)
    if saved is None:
        raise TrainingError(
            f"{section}.warm_start: {path} is missing, torn or no checkpoint; name {besides}"
            f"a file checkpoint-*.safetensors that was copied out of work, or null"
        )
    return saved


@contextmanager
def alone(work: Path, what: str, compute: Compute) -> Iterator[None]:
    """Hold the lock in ``work`` on training ``what``; of several processes the first holds it."""
    if not compute.ranks.first:
        yield
        return
    with exclusive(work / "lock", what=f"training of {what}"):
        yield


def _run(training: Training, model: Path, stop: Callable[[], bool]) -> bool:
    if not training.compute.ranks.first:
        return training.run(_nobody, stop)
    _clear(model)
    with Curves(training) as curves:
        return training.run(curves.add, stop)


def _nobody(_row: Row) -> None:
    """The first process draws the curves."""


def _begin(training: Training, name: str, warm: Checkpoint | None) -> None:
    """Go on, start warm or start fresh, and say which and why."""
    training.folder /= name
    stage = training.subject.stage
    saved, torn = checkpoint.load_latest(training.folder)
    if saved is not None and training.is_shorter_than(saved):
        longer, training.folder = (
            training.folder,
            training.folder.with_name(f"{name}-{training.budget.tag}"),
        )
        log.say(
            f"{stage}: {longer} has shown {saved.record.images_seen:,} images, more than "
            f"{training.budget} allow, and stays as it is"
        )
        saved, torn = checkpoint.load_latest(training.folder)
    for path in torn:
        log.say(f"{stage}: {path} is torn and passed over")
        if training.compute.ranks.first:
            path.unlink(missing_ok=True)
    none = f"{training.folder} holds no checkpoint of these data, params and code"
    if saved is None and warm is not None:
        training.start_warm(warm)
        log.say(
            f"{stage}: warm, from {training.params.warm_start} after "
            f"{warm.record.images_seen:,} images, because {training.subject.section}.warm_start "
            f"names it and {none}"
        )
        return
    if saved is None:
        log.say(f"{stage}: fresh, because {none}")
        return
    path = checkpoint.path_of(training.folder, saved.record.images_seen)
    training.restore(saved, path)
    log.say(f"{stage}: goes on after {training.spent} from {path}")
    before, now = saved.record.compute, training.compute.description
    if before != now:
        log.say(f"{stage}: begun on {before}, goes on with {now}; the last bits will differ")


def _check_agreement(training: Training, name: str) -> None:
    """See that all processes begin at one place of one training, in one folder.

    Raises:
        TrainingError: they do not.
    """
    ranks, where, seen = training.compute.ranks, training.compute.device, training.state.images_seen
    if ranks.count == 1:
        return
    mark = training.folder / "begun.txt"
    if ranks.first:
        write_bytes(mark, uuid.uuid4().bytes)
    ranks.any(False, where)  # until it is written
    begun = mark.read_bytes() if mark.exists() else None
    agreed = ranks.agree(f"{name} {seen} {version('torch')} {begun!r}", where)
    if ranks.first:
        mark.unlink()
    if not agreed:
        raise TrainingError(
            f"the processes of this training begin apart: the one on {socket.gethostname()} with "
            f"{training.folder} after {seen:,} images, by torch {version('torch')}; all hosts "
            f"must share the project's folder and have the same environment (docs/cluster.md)"
        )


def _forget_others(training: Training) -> None:
    """Delete the oldest trainings of the collection beyond those that are kept."""
    training.folder.mkdir(parents=True, exist_ok=True)
    others = [path for path in training.folder.parent.iterdir() if path.is_dir()]
    others.remove(training.folder)
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[training.params.keep_trainings - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
        log.say(f"{training.subject.stage}: {path} deleted, older than the trainings that are kept")


def _clear(folder: Path) -> None:
    """Make ``folder`` an empty one, and find out now whether the model can be written in the end.

    Raises:
        StorageError: it cannot be written, or is a file or a link.
    """
    with storage_errors(folder):
        if folder.is_symlink() or folder.is_file():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)


@contextmanager
def _stop_wished() -> Iterator[Callable[[], bool]]:
    """A function that says whether a signal asked to stop; a second signal stops at once."""
    received: list[int] = []
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def receive(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        for each in _SIGNALS:
            signal.signal(each, before[each])

    for number in _SIGNALS:
        signal.signal(number, receive)
    try:
        yield lambda: bool(received)
    finally:
        for number in _SIGNALS:
            signal.signal(number, before[number])
