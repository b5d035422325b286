"""The card in one paragraph and a few figures."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc

from curation.selection.rules.declarations import REASONS
from pipeline.card.dataset import Dataset, occurrences
from pipeline.card.templating import counted, day, listed, number, share
from pipeline.core import tables
from pipeline.core.schema import Split, Status
from pipeline.core.sites import OWN_FILES, SITES

_REASONS_NAMED = 3


@dataclass(frozen=True)
class Summary:
    """The head of the page."""

    words: str
    figures: dict[str, str]
    image_count: int
    creators: str
    """What the creators of this collection are called, such as "artists"."""
    is_of_own_files: bool
    """Whether no site has a word in it."""


def summary(dataset: Dataset) -> Summary:
    """Where the images come from, how many stay, why most others do not, what they became."""
    kept = len(dataset.kept())
    images = len(dataset.images)
    variants = dataset.variants.filter(pc.field("status") == Status.KEEP.value)
    splits = tables.counts(variants, "split")
    creators = dataset.kept()["creator"].nunique()
    called = _creators(dataset)
    words = [_origin(dataset), _outcome(dataset, kept, images)]
    if kept:
        words.append(
            f"Turned and mirrored, they make {counted(variants.num_rows, 'variant')}: "
            f"{number(splits.get(Split.TRAIN, 0))} to train on, "
            f"{number(splits.get(Split.HELD_OUT, 0))} held out to judge the model."
        )
    return Summary(
        words=" ".join(words),
        figures={
            "listed images": number(len(dataset.listings)),
            "images": number(images),
            "kept": number(kept),
            "left out": number(images - kept),
            f"{called.removesuffix('s') if creators == 1 else called} kept": number(creators),
            "variants": number(variants.num_rows),
        },
        image_count=images,
        creators=called,
        is_of_own_files={*occurrences(dataset.listings["source"])} == {OWN_FILES},
    )


def _creators(dataset: Dataset) -> str:
    """What the creators of this collection are called."""
    sources = sorted(occurrences(dataset.listings["source"]))
    return (
        listed([SITES[name].creators if name in SITES else "creators" for name in sources])
        or "creators"
    )


def _origin(dataset: Dataset) -> str:
    sites = [
        SITES[name].title if name in SITES else name
        for name in sorted(occurrences(dataset.listings["source"]))
    ]
    columns = (dataset.listings["last_capture"], dataset.images["capture"])
    captured = {date for column in columns for date in column.unique()}
    dates = listed([day(date) for date in sorted(captured)])
    without = int(dataset.listings["image_id"].isna().sum())
    places = listed(sites) or "No site"
    return (
        f"{places[:1].upper()}{places[1:]}, captured on {dates or 'no day'}: "
        f"{counted(len(dataset.listings), 'listed image')}, "
        f"{'all' if not without else 'all but ' + number(without)} of which came, as "
        f"{counted(len(dataset.images), 'distinct file')}."
    )


def _outcome(dataset: Dataset, kept: int, images: int) -> str:
    reasons = occurrences(dataset.images["reason"])
    named = [
        f"{REASONS[reason].label.lower()} ({number(count)})"
        for reason, count in list(reasons.items())[:_REASONS_NAMED]
    ]
    stay = f"{counted(kept, 'image')} ({share(kept, images)}) {'stays' if kept == 1 else 'stay'}"
    if not named:
        return f"{stay}."
    commonest = (
        "; what most often speaks against the others: " if len(reasons) > 1 else "; the others: "
    )
    return f"{stay}{commonest}{listed(named)}."
