"""Sentences about an export, the same in its README, its datasheet and croissant.json."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pipeline.card.templating import listed
from pipeline.core.log import counted
from pipeline.core.sites import OWN_FILES, SITES
from pipeline.export.contents import Contents, Rights

NO_LABEL: Final = "no label"
_TRANSFORMS: Final = (
    "Variants are squares that were turned or mirrored, pixel by pixel; all variants of an image, "
    "and of its duplicates, are in one split."
)


def export_title(contents: Contents) -> str:
    """The export in a few words."""
    size = "as fetched" if contents.asked.is_original else f"{contents.asked.size} px"
    variants = ", variants" if contents.asked.variants else ""
    return f"{contents.asked.collection} ({size}{variants})"


def export_summary(contents: Contents) -> str:
    """What is in it, in numbers."""
    splits = [
        f"{counted(split.pictures, 'picture')} in {name}" for name, split in contents.splits.items()
    ]
    of_images = f" of {counted(contents.images, 'image')}" if contents.asked.variants else ""
    sites = _sites(contents)
    classes = counted(len(contents.classes), "class").replace("classs", "classes")
    return (
        f"{counted(contents.pictures, 'picture')}{of_images} from {sites}: {listed(splits)}, "
        f"in {classes}, captured on {listed(sorted(contents.captured))}."
    )


def _sites(contents: Contents) -> str:
    """Where the images come from; nobody should take those of the gallery for the site's."""
    sites = (
        listed([SITES[name].title if name in SITES else name for name in contents.sources])
        or "no site"
    )
    is_replica = contents.origin.params.get("scrape", {}).get("origin") == "gallery"
    return f"{sites} (the gallery of Salon that stands in for it)" if is_replica else sites


def labels_words(rights: Rights, quoted: Callable[[str], str] = str) -> str:
    """Labels with their counts, the commonest first; ``quoted`` fits them into the text.

    >>> labels_words({"Public domain": 1200, None: 3})
    'Public domain (1,200), no label (3)'
    """
    ranked = sorted(rights.items(), key=lambda item: (-item[1], item[0] is None, item[0]))
    return ", ".join(f"{quoted(label or NO_LABEL)} ({count:,})" for label, count in ranked)


def rights_words(contents: Contents, quoted: Callable[[str], str] = str) -> str:
    """Under which labels the images are, and what a label is worth."""
    asked = contents.asked
    if asked.any_rights:
        chosen = "No label was asked for, nor that there be one."
    elif asked.rights:
        chosen = f"Asked for: {listed([quoted(label) for label in asked.rights])}."
    else:
        chosen = "No label was asked for, so every image that has one is here."
    return (
        f"Rights differ from image to image: {labels_words(contents.rights, quoted)}. {chosen} "
        f"LICENSES.csv has the label and the page of each. The labels are {_whose_word(contents)}; "
        f"check those that you rely on."
    )


def _whose_word(contents: Contents) -> str:
    own = "the word of the tables and texts beside the files"
    return own if _is_of_own_files(contents) else "the site's word"


def _is_of_own_files(contents: Contents) -> bool:
    return {*contents.sources} == {OWN_FILES}


def any_rights_warning(contents: Contents) -> str:
    """The loud line of an export that asked for no label; empty for others."""
    if not contents.asked.any_rights:
        return ""
    without = contents.rights.get(None, 0)
    none = f", {counted(without, 'image')} without any" if without else ""
    return (
        f"WARNING: exported with `--rights any`: images are here whatever their rights label"
        f"{none}. Nobody has checked that they may be used or passed on."
    )


def withheld_since_warning(contents: Contents, version: str) -> str:
    """The loud line of an earlier version that is not as it was when new; empty for others."""
    since = contents.withheld_since
    if not since:
        return ""
    images = counted(sum(since.values()), "image")
    reasons = ", ".join(f"{count:,} {why}" for why, count in since.items())
    return (
        f"WARNING: {images} of {version} left out ({reasons}): who says no says it for every "
        f"version, so this export is not the one made when {version} was new"
    )


def maintenance(contents: Contents) -> str:
    """How the export is made again."""
    if contents.origin.commit is None:
        again = "No commit records this version yet, so it cannot be made again elsewhere."
    else:
        again = (
            "The images can be made again, bit for bit, from the version named above, with "
            "`dvc pull` and `salon export`."
        )
    return (
        f"{again} A later version exported into the same folder rewrites only the files that "
        f"changed. An image whose maker opts out is in no later export, of whichever version."
    )


def version_words(contents: Contents) -> str:
    """Which version it is."""
    commit = contents.origin.commit
    if commit is None:
        return "a working copy whose tables no commit records yet"
    return f"git commit {commit}"


def collection_process(contents: Contents) -> str:
    """How the images came."""
    sites = _sites(contents)
    dates = listed([f"{day} ({n:,})" for day, n in sorted(contents.captured.items())])
    if _is_of_own_files(contents):
        return (
            f"The images are own files, which Salon read from a folder or an archive and fetched "
            f"from no site; by day of the capture that brought them: {dates}. Facts are what the "
            f"tables, texts and folders beside them say."
        )
    return (
        f"Pages and images of {sites} were captured by Salon, a scraper that obeys robots.txt and "
        f"opt-outs (noai, noimageai); images by day of the capture that brought them: {dates}. "
        f"Facts are what the pages say."
    )


def preprocessing(contents: Contents) -> str:
    """What was done to the pictures."""
    if contents.asked.is_original:
        return (
            "The pictures are the bytes as they were fetched. They may be turned by their EXIF "
            "orientation, grey, or with a palette; width and height are those of the upright "
            "picture."
        )
    square = contents.origin.params.get("ingest", {}).get("square", "crop")
    made = {
        "crop": "the middle square was cut out",
        "crop_salient": "the square on which most is to be seen was cut out",
        "pad": "it was padded with white to a square",
        "stretch": "the sides were stretched to a square",
    }.get(square, f"squares were made by the method {square}")
    variants = f" {_TRANSFORMS}" if contents.asked.variants else ""
    return (
        f"Each picture was decoded once to RGB as a browser shows it, {made}, and it was reduced "
        f"to {contents.asked.size} x {contents.asked.size} pixels with Lanczos' filter.{variants}"
    )
