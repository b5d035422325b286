"""Everything the page's requests are answered from: collections, lists, pictures."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from curation.decisions.list_files import DISTINCT, KEEP, REMOVE
from curation.decisions.list_syntax import CURATORS_REASONS, ListEntry, parse_target
from curation.decisions.other_collections import index_of
from curation.decisions.resolution import Index
from curation.review.collection import ReviewCollection, version
from curation.review.contact_sheets import ContactSheet, VariantContactSheet
from curation.review.decision_store import DecisionStore, Ids
from curation.review.edit_session import DecisionRequest, EditSession
from curation.review.rerun import Rerun
from curation.review.served_pictures import Fetch, PictureCache
from curation.review.training_samples import Nearest
from pipeline.core.errors import UsageError
from pipeline.core.ids import IMAGE_ID
from pipeline.core.params.select import Select
from pipeline.core.paths import Paths
from pipeline.core.transforms import SYMMETRIES


@dataclass(frozen=True)
class Services:
    """What the page needs of the rest of the project."""

    names: Sequence[str]
    """The collections of params.yaml."""
    params: Callable[[str], Select]
    fetch: Fetch
    stale: Callable[[str], list[dict[str, str]]]
    """What `dvc repro` would do now, stage by stage."""
    effect: Callable[[str], str]
    """What the lists would change in a collection, as a sentence."""
    repro: Callable[[str], list[str]]
    """The command that brings a collection up to its variants."""


@dataclass
class Opened:
    """A collection with its sheets."""

    collection: ReviewCollection
    images: ContactSheet
    bring_up: Callable[[ContactSheet], None]
    """Brings a new sheet up to what the lists say."""
    nearest: Nearest | None = None

    @cached_property
    def variants(self) -> VariantContactSheet:
        """Made when a page first asks for it: a list rarely speaks of a variant."""
        sheet = VariantContactSheet(self.collection)
        self.bring_up(sheet)
        return sheet

    def sheets(self) -> list[ContactSheet]:
        """Those that were made."""
        return [self.images, *([self.variants] if "variants" in vars(self) else [])]

    def sheet(self, name: str) -> ContactSheet:
        """The sheet of that name: ``images`` or ``variants``."""
        return self.variants if name == "variants" else self.images


class AppState:
    """The state of one server: what it read, never what it alone knows."""

    def __init__(self, root: Path, services: Services, curator: str) -> None:
        """Open the lists below ``root``; entries are signed by ``curator``."""
        self.root = root
        self.services = services
        self.curator = curator
        self.pictures = PictureCache(services.fetch)
        self.rerun = Rerun(root)
        self._lock = threading.RLock()
        self._opened: dict[str, Opened] = {}
        self._followed = 0
        self.store = DecisionStore(Paths(root, "").lists, root, self._full_id)
        self.session = EditSession(self.store)

    def open(self, name: str) -> Opened:
        """A collection, read again when a stage has written its tables anew.

        Raises:
            UsageError: there is none of that name.
            TableError: it has no tables yet, or they are torn.
        """
        if name not in self.services.names:
            raise UsageError(f"no collection {name!r} in params.yaml")
        with self._lock:
            opened = self._opened.get(name)
            paths = Paths(self.root, name)
            if opened is None or opened.collection.version != version(paths):
                collection = ReviewCollection(paths, self.services.params(name))
                opened = Opened(collection, ContactSheet(collection), self._follow_all)
                self._follow_all(opened.images)
                self._opened[name] = opened
            return opened

    def nearest(self, opened: Opened) -> Nearest:
        """The index of a collection's pictures; made when it is first asked for."""
        with self._lock:
            if opened.nearest is None:
                opened.nearest = Nearest(opened.collection)
            return opened.nearest

    def follow(self) -> None:
        """Bring what is shown up to what the lists say."""
        with self._lock:
            self.session.look()
            changed, _ = self.session.since(self._followed)
            self._followed = self.session.revision
            if changed:
                entries = {ids: list(self.session.entries_of(ids)) for ids in changed}
                sheets = [sheet for each in self._opened.values() for sheet in each.sheets()]
                for sheet in sheets:
                    if not sheet.statuses.follow(entries.items()):
                        self._follow_all(sheet)

    def item(self, opened: Opened, asked: Mapping[str, Any]) -> DecisionRequest:
        """What a tab wants to have said, checked against what there is.

        Raises:
            UsageError: the request names what is not here, or says what no list can.
        """
        ids = self._checked_ids(opened, asked.get("ids"))
        want, reason = asked.get("want"), asked.get("reason", "")
        if want == "":
            return DecisionRequest(ids, None, asked.get("saw"))
        if want not in ((DISTINCT,) if len(ids) == 2 else (KEEP, REMOVE)):
            raise UsageError("the page asked for a decision that no list can hold")
        if reason and reason not in CURATORS_REASONS:
            raise UsageError("the page gave a reason that there is not")
        return DecisionRequest(ids, (str(want), self._entry(ids, str(reason))), asked.get("saw"))

    def _entry(self, ids: Ids, reason: str) -> ListEntry:
        today = dt.datetime.now().astimezone().date().isoformat()
        return ListEntry(ids, reason, self.curator, today)

    def _checked_ids(self, opened: Opened, asked: object) -> Ids:
        if not isinstance(asked, list) or not 1 <= len(asked) <= 2:
            raise UsageError("the page named no image")
        keys = sorted(str(asked_key) for asked_key in asked)
        for key in keys:
            image_id, slash, symmetry = key.partition("/")
            known = IMAGE_ID.fullmatch(image_id) and opened.collection.row(image_id) is not None
            if not known or (slash and (symmetry not in SYMMETRIES or len(keys) > 1)):
                raise UsageError(f"the page named an image that is not in {opened.collection.name}")
        if len(set(keys)) < len(keys):
            raise UsageError("the page named one image twice")
        return tuple(keys)

    def _follow_all(self, sheet: ContactSheet) -> None:
        with self._lock:
            sheet.statuses.follow_all(self.session.all_entries())

    def _full_id(self, digits: str) -> str:
        """The id that starts with ``digits``, where one image of all collections has it."""
        target = parse_target(digits)
        image_ids = {
            image_id for index in self._indices.values() for image_id in index.find(target) or ()
        }
        return image_ids.pop() if len(image_ids) == 1 else digits

    @cached_property
    def _indices(self) -> dict[str, Index]:
        """What can be named; asked only where a list abbreviates an id."""
        indices = {name: index_of(Paths(self.root, name)) for name in self.services.names}
        return {name: index for name, index in indices.items() if index is not None}
