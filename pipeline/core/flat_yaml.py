"""YAML from somewhere, read so that it cannot take long: small, flat, without aliases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

_MOST_BYTES: Final = 64 * 1024
_DEEPEST: Final = 12


def read_flat_yaml(path: Path) -> Any:
    """What the file at ``path`` holds.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not YAML, a key stands in it twice, or it is large, deep or has aliases
            (``*name``), of which one may stand for thousands.
    """
    text = path.read_bytes()
    if len(text) > _MOST_BYTES:
        raise ValueError(f"{len(text):,} bytes; a page of text is enough, {_MOST_BYTES:,} at most")
    loader = None
    try:
        _check_events(text)
        loader = yaml.CSafeLoader(text)
        node = loader.get_single_node()
        for key, line in _repeated(node):
            raise ValueError(f"line {line}: {key}: written twice; keep one of the two")
        return None if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        raise ValueError(f"not YAML: {' '.join(str(error).split())}") from error
    finally:
        if loader is not None:
            loader.dispose()


def _check_events(text: bytes) -> None:
    depth = 0
    for event in yaml.parse(text, yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            what = "nested too deep" if depth > _DEEPEST else "an alias (*); write the text out"
            raise ValueError(f"line {line}: {what}")


def _repeated(node: Any) -> Iterator[tuple[str, int]]:
    """Keys that stand twice in one mapping, of which YAML would keep the last."""
    if isinstance(node, yaml.MappingNode):
        counts = Counter(str(key.value) for key, _ in node.value)
        for key, value in node.value:
            if counts[str(key.value)] > 1:
                yield str(key.value), key.start_mark.line + 1
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)
