"""Where everything lies. Paths follow from a collection's name alone; no param changes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Paths:
    """The files and folders of one collection, below the project's ``root``.

    What `dvc.yaml` names as an output lies under ``data``, ``models``, ``metrics`` or
    ``reports``; ``work`` holds what may be deleted at any time (checkpoints, finished shards of
    an interrupted stage, logs).
    """

    root: Path
    collection: str

    @property
    def captures(self) -> Path:
        """One folder a capture, named by its date."""
        return self.root / "data" / "captures" / self.collection

    def capture(self, as_of: str) -> Path:
        """The folder of the capture of that date."""
        return self.captures / as_of

    def table(self, name: str) -> Path:
        """The parquet file of a table of `pipeline.core.schema`."""
        return self.root / "data" / "tables" / self.collection / f"{name}.parquet"

    @property
    def funnel(self) -> Path:
        """Counts from first request to last training image, as JSON."""
        return self.root / "data" / "tables" / self.collection / "funnel.json"

    @property
    def condition(self) -> Path:
        """What the vectors of the table of conditions stand for, as JSON."""
        return self.root / "data" / "tables" / self.collection / "condition.json"

    @property
    def checked(self) -> Path:
        """Written once every param of the collection was found right; always the same."""
        return self.root / "data" / "tables" / self.collection / "params.txt"

    @property
    def pixels(self) -> Path:
        """``<size>/<shard>.npy``: uint8 arrays (rows, size, size, 3)."""
        return self.root / "data" / "pixels" / self.collection

    def pixel_shard(self, size: int, shard: str) -> Path:
        """The pixels of one shard at one size."""
        return self.pixels / str(size) / f"{shard}.npy"

    @property
    def overlay(self) -> Path:
        """``overlay.json`` and one picture for each overlay that was found."""
        return self.root / "data" / "overlay" / self.collection

    @property
    def lists(self) -> Path:
        """The curators' lists, shared by all collections."""
        return self.root / "curation" / "lists"

    @property
    def removal_notes(self) -> Path:
        """The notes of the curators' removals: by scope, then by image id."""
        return self.root / "data" / "tables" / self.collection / "removal_notes.json"

    @property
    def model(self) -> Path:
        """Weights, samples and training curves."""
        return self.root / "models" / self.collection

    @property
    def evaluation(self) -> Path:
        """``evaluation.json``, and what `dvc plots show` puts side by side."""
        return self.root / "metrics" / self.collection

    @property
    def enhanced(self) -> Path:
        """Super-resolved samples."""
        return self.root / "models" / f"{self.collection}-enhanced"

    @property
    def enhanced_sheet(self) -> Path:
        """Samples beside themselves enlarged, among what `dvc plots show` puts side by side."""
        return self.evaluation / "enhanced.png"

    @property
    def report(self) -> Path:
        """The data card: one self-contained HTML page."""
        return self.root / "reports" / f"{self.collection}.html"

    def work(self, stage: str) -> Path:
        """A folder for what a stage may lose."""
        return self.root / "work" / stage / self.collection


@dataclass(frozen=True)
class TranslationPaths:
    """The files and folders of one translation; no collection's name has a hyphen."""

    root: Path
    name: str
    collection: str
    """Of whose images its inputs are made."""
    target: str
    """The collection that its outputs are to be like; of pairs the same."""

    @property
    def source(self) -> Paths:
        """Those of its collection."""
        return Paths(self.root, self.collection)

    @property
    def aim(self) -> Paths:
        """Those of its target."""
        return Paths(self.root, self.target)

    @property
    def model(self) -> Path:
        """Weights, samples and training curves."""
        return self.root / "models" / f"{self.name}-translation"

    @property
    def evaluation(self) -> Path:
        """``evaluation.json``, and what `dvc plots show` puts side by side."""
        return self.root / "metrics" / f"{self.name}-translation"

    @property
    def sheets(self) -> Path:
        """What was judged, to look at."""
        return self.evaluation / "sheets"

    @property
    def report(self) -> Path:
        """Its card: one self-contained HTML page."""
        return self.root / "reports" / f"{self.name}-translation.html"

    @property
    def work(self) -> Path:
        """Checkpoints, which may be lost."""
        return self.root / "work" / "translate" / self.name
