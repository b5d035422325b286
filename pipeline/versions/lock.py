"""`dvc.lock` of a version: which files it is made of, by digest, and what made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from pipeline.core.errors import VersionError
from pipeline.stage_command import TRANSLATION_STAGES

LOCK_FILE, PARAMS_FILE = "dvc.lock", "params.yaml"


@dataclass(frozen=True)
class Out:
    """One file or folder that a stage wrote."""

    path: str
    """Below the project's folder."""
    md5: str
    """Of its bytes; of a folder, that of its listing, and ``.dir``."""
    size: int
    """Bytes, all files of a folder together."""

    @property
    def is_folder(self) -> bool:
        """Whether the digest is that of a listing."""
        return self.md5.endswith(".dir")


@dataclass(frozen=True)
class Lock:
    """The stages as they last ran, by DVC's name for them, such as ``select@paintings``."""

    stages: Mapping[str, Mapping[str, Any]]

    @cached_property
    def outs(self) -> dict[str, Out]:
        """Everything the stages wrote, by path."""
        return {
            out["path"]: Out(out["path"], out["md5"], out.get("size", 0))
            for stage in self.stages.values()
            for out in stage.get("outs", ())
            if "md5" in out
        }

    @property
    def collections(self) -> tuple[str, ...]:
        """The collections of which any stage ran, in the order of the file."""
        return self._keys(of_translations=False)

    @property
    def translations(self) -> tuple[str, ...]:
        """The translations of which any stage ran, in the order of the file."""
        return self._keys(of_translations=True)

    def _keys(self, *, of_translations: bool) -> tuple[str, ...]:
        named = [name.partition("@") for name in self.stages if "@" in name]
        keys = [key for stage, _, key in named if (stage in TRANSLATION_STAGES) == of_translations]
        return tuple(dict.fromkeys(keys))

    def of(self, collection: str) -> dict[str, Mapping[str, Any]]:
        """The stages of one collection by their own names, such as ``select``."""
        named = ((name.partition("@"), stage) for name, stage in self.stages.items())
        return {stage: run for (stage, _, of), run in named if of == collection}

    def written_by(self, collection: str) -> list[str]:
        """The paths that the stages of a collection wrote, in the order of the stages."""
        runs = self.of(collection).values()
        return [out["path"] for run in runs for out in run.get("outs", ()) if "md5" in out]

    def holding(self, path: str) -> Out | None:
        """The out at ``path``, or the folder in which ``path`` lies."""
        parts = path.split("/")
        above = ("/".join(parts[:count]) for count in range(len(parts), 0, -1))
        return next((self.outs[candidate] for candidate in above if candidate in self.outs), None)

    def params(self, collection: str) -> dict[str, Any]:
        """The params that each stage of a collection ran with, by section."""
        prefix = f"collections.{collection}."
        return {
            key.removeprefix(prefix): value
            for run in self.of(collection).values()
            for key, value in (run.get("params", {}).get(PARAMS_FILE) or {}).items()
            if key.startswith(prefix)
        }

    def inputs(self, collection: str) -> dict[str, dict[str, str]]:
        """By stage, the digests of the code and lists it ran with: what no stage wrote."""
        return {
            stage: {
                dep["path"]: dep["md5"]
                for dep in run.get("deps", ())
                if dep["path"] not in self.outs and "md5" in dep
            }
            for stage, run in self.of(collection).items()
        }


def parse_lock(data: bytes, source: str) -> Lock:
    """The lock file with the content ``data``; ``source`` is how errors call it.

    Raises:
        VersionError: it is no lock file of DVC 3.
    """
    try:
        content = yaml.load(data, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError) as error:
        raise VersionError(f"{source}: not YAML (perhaps an unfinished merge)") from error
    stages = content.get("stages") if isinstance(content, dict) else None
    if not isinstance(stages, dict):
        raise VersionError(f"{source}: names no stages; run `dvc repro` and commit it anew")
    return Lock(stages)
