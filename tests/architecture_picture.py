"""The picture of who imports whom, drawn from the imports: docs/pictures/architecture.svg.

The rooms stand where `ROOMS` puts them. The arrows are the imports between them, without those that
follow from others: where `export` imports `versions`, and that one the core, no arrow leads from
`export` to the core.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

import grimp

from pipeline.core.code import PACKAGES

PICTURE: Final = Path(__file__).parent.parent / "docs" / "pictures" / "architecture.svg"


@dataclass(frozen=True)
class Room:
    """A part of the code that is one box of the picture."""

    packages: tuple[str, ...]
    does: str
    column: int
    row: int


ROOMS: Final[Mapping[str, Room]] = {
    "pipeline.commands": Room(("pipeline.commands", "pipeline"), "the salon command", 1, 0),
    "pipeline.export": Room(("pipeline.export",), "a version for other readers", 1, 1),
    "pipeline.versions": Room(("pipeline.versions",), "log, diff, verify", 1, 2),
    "pipeline.stages": Room(
        ("pipeline.stages", "pipeline.stage_command"), "one module a stage of DVC", 1, 3
    ),
    "pipeline.card": Room(("pipeline.card",), "the data card", 1, 4),
    "scrapers": Room(("scrapers",), "all that touches the network", 0, 5),
    "curation": Room(("curation",), "rules, copies, marks, review", 1, 5),
    "train": Room(("train",), "networks, loop, metrics", 2, 5),
    "pipeline.core": Room(("pipeline.core",), "params, tables, files, errors", 1, 6),
}
"""The longest name of a package that begins a module's decides which room it is in."""
_WIDTH, _HEIGHT, _ACROSS, _DOWN, _MARGIN = 216, 52, 252, 84, 24
_STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#2b2a27}.name{font-weight:600;font-size:15px}"
    ".room{fill:#fbfaf7;stroke:#8a8578}.arrow{fill:none;stroke:#5a564c;stroke-width:1.5}"
)
_TIP: Final = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"'
    ' orient="auto"><path d="M0 0 8 4 0 8z" fill="#5a564c"/></marker></defs>'
)
Arrow = tuple[str, str]


def arrows(graph: grimp.ImportGraph) -> set[Arrow]:
    """Which room imports which, directly or through others in between."""
    direct = {
        (_room_of(module), _room_of(imported))
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
    }
    return {(importer, imported) for importer, imported in direct if importer != imported}


def without_what_follows(arrows_found: set[Arrow]) -> set[Arrow]:
    """The fewest arrows from which all others follow.

    Raises:
        ValueError: rooms import each other in a circle, which no such picture can show.
    """
    reached = {room: _reached(room, arrows_found) for room in ROOMS}
    circles = sorted(room for room in ROOMS if room in reached[room])
    if circles:
        raise ValueError(f"{', '.join(circles)} import each other")
    return {
        (importer, imported)
        for importer, imported in arrows_found
        if not any(imported in reached[room] for start, room in arrows_found if start == importer)
    }


def svg(arrows_found: set[Arrow]) -> str:
    """The picture."""
    width = 3 * _ACROSS - (_ACROSS - _WIDTH) + 2 * _MARGIN
    height = 7 * _DOWN - (_DOWN - _HEIGHT) + 2 * _MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img">'
    )
    lines = [_line(*arrow) for arrow in sorted(arrows_found)]
    boxes = [_box(name, room) for name, room in ROOMS.items()]
    paper = f'<rect width="{width}" height="{height}" fill="#fff"/>'
    title = "<title>Who imports whom: an arrow leads to what is imported</title>"
    style = f"<style>{_STYLE}</style>"
    return "\n".join([head, title, style, _TIP, paper, *lines, *boxes, "</svg>\n"])


def picture() -> str:
    """The picture of the code as it is."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None, exclude_type_checking_imports=True)
    return svg(without_what_follows(arrows(graph)))


def _room_of(module: str) -> str:
    prefixes = [module.rsplit(".", cut)[0] for cut in range(module.count(".") + 1)]
    for prefix in prefixes:
        for name, room in ROOMS.items():
            if prefix in room.packages:
                return name
    raise ValueError(f"{module}: no room of the picture has it; see ROOMS")


def _reached(start: str, arrows_found: set[Arrow]) -> set[str]:
    rooms: set[str] = set()
    ahead = {imported for importer, imported in arrows_found if importer == start}
    while ahead - rooms:
        rooms |= ahead
        ahead = {imported for importer, imported in arrows_found if importer in rooms}
    return rooms


def _corner(room: Room) -> tuple[int, int]:
    return _MARGIN + room.column * _ACROSS, _MARGIN + room.row * _DOWN


def _line(importer: str, imported: str) -> str:
    (left, top), (to_left, to_top) = _corner(ROOMS[importer]), _corner(ROOMS[imported])
    start, end = (left + _WIDTH // 2, top + _HEIGHT), (to_left + _WIDTH // 2, to_top)
    if left != to_left:  # from the side of the box, so that it passes what stands between
        start = (left if to_left < left else left + _WIDTH, top + _HEIGHT // 2)
        if ROOMS[imported].row - ROOMS[importer].row == 1 and ROOMS[importer].column != 1:
            start = (left + _WIDTH // 2, top + _HEIGHT)
            end = (to_left if left < to_left else to_left + _WIDTH, to_top + _HEIGHT // 2)
    return (
        f'<path class="arrow" marker-end="url(#tip)" data-from="{importer}" data-to="{imported}"'
        f' d="M{start[0]} {start[1]}L{end[0]} {end[1]}"/>'
    )


def _box(name: str, room: Room) -> str:
    left, top = _corner(room)
    middle = left + _WIDTH // 2
    return (
        f'<rect class="room" x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
        f'<text class="name" x="{middle}" y="{top + 22}" text-anchor="middle">{escape(name)}</text>'
        f'<text x="{middle}" y="{top + 40}" text-anchor="middle">{escape(room.does)}</text>'
    )
