"""Adding a decision to a list: only about what there is, and never against another line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from curation.decisions.list_files import Lists
from curation.decisions.list_syntax import ListEntry, Target, TargetKind, parse_target
from curation.decisions.resolution import NAMED, Index
from pipeline.core.errors import ListsError


def added(lists: Lists, name: str, entry: ListEntry, indices: Mapping[str, Index | None]) -> Lists:
    """The lists with ``entry`` in the list ``name``, its ids written out in full.

    Raises:
        ListsError: an id is unknown or fits several images, or a line speaks of the same already.
    """
    ids = tuple(sorted(_target_in_full(text, indices) for text in entry.ids))
    if len(set(ids)) < len(ids):
        raise ListsError(f"{' and '.join(entry.ids)} name one and the same image")
    entry = replace(entry, ids=ids)
    for other, existing in lists.named_entries():
        if _same(entry, existing):
            raise ListsError(
                f"{lists.file(other)}:{existing.line}: speaks of {' '.join(ids)} already; "
                f"edit or delete that line"
            )
    by_name = {**lists.by_name, name: lists.by_name[name].with_entry(entry)}
    return replace(lists, by_name=by_name)


def find_image(text: str, indices: Mapping[str, Index | None]) -> tuple[str, list[str]]:
    """The image an id means (itself, or that of a variant, group or listing), and who has it.

    Raises:
        ListsError: it means none, or several.
    """
    target = _target(text)
    collections_of: dict[str, list[str]] = {}
    for collection, index in indices.items():
        for image_id in (index and index.find(target)) or []:
            collections_of.setdefault(image_id, []).append(collection)
    if not collections_of:
        if any(index and index.find(target) is not None for index in indices.values()):
            raise ListsError(f"{text!r} was captured, but no bytes of an image came with it")
        raise ListsError(_unknown(target, indices))
    if len(collections_of) > 1:
        shown = [f"{image} ({', '.join(names)})" for image, names in collections_of.items()]
        more = "; ..." if len(collections_of) > 5 else ""
        raise ListsError(
            f"{text!r} means {len(collections_of)} images: {'; '.join(shown[:5])}{more}. "
            "Name one of them"
        )
    return collections_of.popitem()


def _target_in_full(text: str, indices: Mapping[str, Index | None]) -> str:
    target = _target(text)
    if target.kind in NAMED:
        if not any(index and index.find(target) is not None for index in indices.values()):
            raise ListsError(_unknown(target, indices))
        return text
    image_id, _ = find_image(text, indices)
    prefix = "group:" if target.kind is TargetKind.GROUP else ""
    return f"{prefix}{replace(target, name=image_id)}"


def _target(text: str) -> Target:
    try:
        return parse_target(text)
    except ValueError as error:
        raise ListsError(str(error)) from error


def _unknown(target: Target, indices: Mapping[str, Index | None]) -> str:
    ready = {name: index for name, index in indices.items() if index is not None}
    if not ready:
        return f"{str(target)!r} cannot be looked up: no collection has tables yet; run `dvc repro`"
    near = next(filter(None, (index.nearest(target) for index in ready.values())), None)
    hint = f"did you mean {near!r}?" if near else "capture what it names first"
    return f"{str(target)!r} is unknown in {', '.join(ready)}; {hint}"


def _same(entry: ListEntry, existing: ListEntry) -> bool:
    """Whether an entry with full ids and one with prefixes are about the same."""
    ours, theirs = entry.targets, existing.targets
    return len(ours) == len(theirs) and all(
        any(_fits(our_target, other) for other in theirs) for our_target in ours
    )


def _fits(full: Target, shorter: Target) -> bool:
    if (full.kind, full.symmetry) != (shorter.kind, shorter.symmetry):
        return False
    return full.name == shorter.name or (
        full.kind not in NAMED and full.name.startswith(shorter.name)
    )
