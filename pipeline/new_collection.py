"""A new collection as a block of params.yaml: the usual values, and why one would change them.

The block is text, put behind what is there, so that every byte and comment of a file that people
wrote stays as it is.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from pipeline.core.errors import UsageError
from pipeline.core.sites import OWN_FOLDER

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_HEAD: Final = """\
# What Salon builds, one block a collection and one section a stage; `docs/params.md` explains
# every key.
descriptions: {descriptions} # the folder of your own descriptions of sites
collections:
"""
_REST: Final = """\
parse:
  description: false # prose about works is somebody's own; nothing reads it{columns}
ingest:
  sizes: [64, 256] # sides of the squares that are stored; train.resolution is one of them
  square: crop # the middle; or crop_salient (where most is to be seen), pad, stretch
dedupe:
  max_hash_distance: 45
  second_look: true # also finds crops, borders and tilts, and takes longer
watermark:
  sample: 3000
select:
  min_side_px: 64 # what is smaller is left out, as `too_small`
  max_aspect_ratio: 2.0 # a square crop shows half of what is twice as wide as high
  min_colour_std: 2.0 # below this a picture is blank
  min_sharpness: null # photographs: below this it is blurry; `salon select --what-if` tells
  max_watermark_score: 6.0
  placeholder_listings: {placeholder} # so many listings with the same bytes are a stand-in
  rights: null # or the labels that may stay, such as [CC0, Public domain]
augment:
  transforms: [flip_left_right] # add rot90, rot180 ... where up and down mean nothing
  held_out_share: 0.1 # kept back to judge the model
train:
  model: residual # small enough for a CPU; dcgan and progan are the others
  resolution: 64
  channels_base: 512
  channels_max: 64
  latent: 64
  warm_start: null # from scratch; base:fields-64 or base:watches-64 where yours look like those
  kimg: 22.0 # thousands of images shown: four minutes on two idle cores; more is better
  batch: 16
  learning_rate: 1.0e-2
  ema_half_life_kimg: 1.0
  log_every_kimg: 0.5
  checkpoint_every_kimg: 2.0
  samples_every_kimg: 2.0
evaluate:
  samples: 112
enhance:
  samples: 6
report:
  examples: 12
"""
_COLUMNS: Final = """
  columns: {} # as {creator: painter, rights: licence_text}, where yours have unusual names"""
_AS_OF: Final = "names the capture; a new date captures again beside it"
_CONTACT: Final = "the user agent names it; hosts can write to you"


def check_name(name: str, known: Sequence[str]) -> None:
    """Refuse a name that is taken, or that DVC could not use.

    Raises:
        UsageError: it is one of these.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r}: a collection is called by small letters, digits and _, such as my_shells"
        )
    if name in known:
        raise UsageError(f"{name}: there is a collection of that name in params.yaml already")


def files_block(path: str, as_of: str) -> str:
    """The block of a folder, an archive or a parquet file."""
    scrape = f"""\
scrape:
  origin: files
  path: {_yaml_scalar(path)}
  as_of: "{as_of}" # {_AS_OF}
  columns: {{}} # as {{file: picture}}, where a table calls the file by an unusual name
  allow_unmatched: false # true: go on although rows lack a file, or files a row
"""
    # A folder of one's own has no stand-ins; copies are for `dedupe`.
    return scrape + _rest(_COLUMNS, "null")


def addresses_block(path: str, as_of: str, contact: str | None) -> str:
    """The block of a list of addresses."""
    scrape = f"""\
scrape:
  origin: addresses
  path: {_yaml_scalar(path)}
  as_of: "{as_of}" # {_AS_OF}
  contact: {_yaml_scalar(contact or "<your address>")} # {_CONTACT}
  permission: "" # where the list names more than one host: who allowed it, and when
  columns: {{}} # as {{address: link}}, where the list calls them by an unusual name
  seconds_between_images: 0.5 # for each host; robots.txt may ask for more
"""
    return scrape + _rest(_COLUMNS, "5")


def saved_block(path: str, site: str, size: str, as_of: str) -> str:
    """The block of a folder of pages saved from a browser."""
    scrape = f"""\
scrape:
  site: {site}
  origin: folder
  folder: {_yaml_scalar(path)}
  as_of: "{as_of}" # {_AS_OF}
  image_size: {size}
"""
    return scrape + _rest("", "5")


def site_block(
    site: str,
    size: str,
    start: Mapping[str, Sequence[str]],
    as_of: str,
    contact: str | None,
    needs_permission: bool,
) -> str:
    """The block of a live site."""
    lists = "".join(f"  {key}: {json.dumps(list(slugs))}\n" for key, slugs in start.items())
    permission = '  permission: "<who gave it, when>" # its terms ask for one\n'
    scrape = f"""\
scrape:
  site: {site}
  origin: live
  as_of: "{as_of}" # {_AS_OF}
  contact: {_yaml_scalar(contact or "<your address>")} # {_CONTACT}
{permission if needs_permission else ""}{lists}  image_size: {size}
  max_listings: 200 # null for all there are
  seconds_between_pages: 2.0
  seconds_between_images: 0.5
"""
    return scrape + _rest("", "5")


def with_collection(text: str | None, name: str, block: str, *, only: bool) -> str:
    """params.yaml with the ``block`` of a collection behind what it has, or in its place.

    Args:
        text: what the file holds; None where there is none.
        name: of the collection.
        block: what to put there.
        only: leave out the others.

    Raises:
        UsageError: the file is written in a way in which nothing can be put behind it.
    """
    is_begun_anew = text is None or only
    before = _file_head(text) if is_begun_anew else _with_line_end(text or "")
    indent = _indent(before)
    added = f"{indent}{name}:\n{textwrap.indent(block, indent * 2)}"
    gap = "" if before.endswith(":\n") else "\n"
    made = f"{before}{gap}{added}"
    expected = {} if is_begun_anew else _collections(before)
    if _collections(made) != {**expected, name: yaml.safe_load(block)}:
        raise UsageError(
            "params.yaml: written in a way in which no collection can be put behind it; put this "
            f"below `collections:` yourself\n{added}"
        )
    return made


def _file_head(text: str | None) -> str:
    """How a file begins, with the folder of descriptions that it named before."""
    try:
        content = yaml.safe_load(text or "")
    except yaml.YAMLError:
        content = None
    named = content.get("descriptions") if isinstance(content, dict) else None
    return _HEAD.format(descriptions=named or OWN_FOLDER)


def path_from(root: Path, path: Path) -> str:
    """``path`` as params name it: from the project's ``root`` where it is below.

    Raises:
        UsageError: there is nothing.
    """
    if not path.exists():
        raise UsageError(f"{path}: there is nothing; name what is to be read")
    full = path.resolve()
    return str(full.relative_to(root) if full.is_relative_to(root) else full)


def _rest(columns: str, placeholder: str) -> str:
    return _REST.format(columns=columns, placeholder=placeholder)


def _yaml_scalar(text: str) -> str:
    """A scalar of YAML that holds any text."""
    return json.dumps(text, ensure_ascii=False)


def _with_line_end(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _indent(text: str) -> str:
    """How far the names of collections stand to the right."""
    first = re.search(r"^collections:[^\n]*\n(?:\s*(?:#[^\n]*)?\n)*([ ]+)\S", text, re.MULTILINE)
    return first[1] if first else "  "


def _collections(text: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    held = content.get("collections") if isinstance(content, dict) else None
    return dict(held) if isinstance(held, dict) else {}
