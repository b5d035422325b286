"""Whether `dvc.lock` of a commit belongs to that commit: all stages, its code, lists and params.

Git alone answers: a clone without any data can be checked, where `dvc status` would call every
stage changed, and `dvc repro --dry --allow-missing` needs the commit checked out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from pipeline.core.errors import VersionError
from pipeline.versions import git
from pipeline.versions.lock import PARAMS_FILE
from pipeline.versions.revision import Version

STAGES_FILE = "dvc.yaml"


def discrepancies(version: Version, collection: str) -> Iterator[str]:
    """Everything in which the lock of a commit is not of that commit, one clause each.

    Raises:
        VersionError: dvc.yaml of the commit cannot be read.
    """
    expected = [name for name in stages(version) if name.endswith(f"@{collection}")]
    run = version.lock.of(collection)
    for name in expected:
        stage = name.partition("@")[0]
        if stage not in run:
            yield f"{name} never ran"
            continue
        yield from _other_params(version, name, run[stage])
        yield from _other_inputs(version, name, run[stage])


def stages(version: Version) -> list[str]:
    """The stages that dvc.yaml of the commit names, ``foreach`` written out."""
    try:
        content = yaml.load(version.text(STAGES_FILE) or b"", Loader=yaml.CSafeLoader)
        named: dict[str, Any] = content["stages"]
    except (yaml.YAMLError, TypeError, KeyError) as error:
        raise VersionError(f"{STAGES_FILE} of {version.name}: names no stages") from error
    names = []
    for name, stage in named.items():
        each = stage.get("foreach") if isinstance(stage, Mapping) else None
        keys = version.params.get(each.strip("${}"), {}) if isinstance(each, str) else each
        names += [name] if each is None else [f"{name}@{key}" for key in keys or ()]
    return names


def _other_params(version: Version, name: str, run: Mapping[str, Any]) -> Iterator[str]:
    for place, recorded in (run.get("params", {}).get(PARAMS_FILE) or {}).items():
        now: Any = version.params
        for part in place.split("."):
            now = now.get(part) if isinstance(now, Mapping) else None
        if now != recorded:
            yield f"{name} ran with other params than {place} of {PARAMS_FILE}"


def _other_inputs(version: Version, name: str, run: Mapping[str, Any]) -> Iterator[str]:
    outs = version.lock.outs
    for dep in run.get("deps", ()):
        path, md5 = dep["path"], dep.get("md5")
        if path in outs:
            if outs[path].md5 != md5:
                yield f"{name} ran with another {path} than is recorded now"
        elif digest(version, path) != md5:
            yield f"{name} ran with another {path} than the commit has"


def digest(version: Version, path: str) -> str | None:
    """The md5 that DVC has of a file or folder in git; None where there is neither.

    Raises:
        VersionError: git cannot read the commit.
    """
    from dvc_data.hashfile.hash_info import HashInfo
    from dvc_data.hashfile.tree import Tree

    files = git.files(version.project, version.commit or "HEAD", path)
    if set(files) == {path}:
        return hashlib.md5(files[path]).hexdigest()  # noqa: S324 - DVC's digest
    if not files:
        return None
    tree: Any = Tree()  # type: ignore[no-untyped-call]
    for name, content in files.items():
        key = tuple(name.removeprefix(f"{path}/").split("/"))
        tree.add(key, None, HashInfo("md5", hashlib.md5(content).hexdigest()))  # noqa: S324
    tree.digest()
    return str(tree.hash_info.value)
