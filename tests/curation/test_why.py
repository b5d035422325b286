from __future__ import annotations

import pytest

from curation.editing.image_history import history
from curation.editing.why import sentences, verdict
from curation.selection.decide import select
from curation.selection.rules.declarations import REASONS
from curation.selection.rules.other_causes import OF_VARIANTS
from curation.variants.variant_table import variants
from pipeline.core import tables
from pipeline.core.params.augment import Augment
from pipeline.core.params.select import Select
from pipeline.core.paths import Paths
from pipeline.core.schema import MANIFEST, SELECTION, VARIANTS
from tests.decision_tables import (
    Row,
    decision,
    id_of,
    image,
    inputs,
    listing,
    pair,
    score,
    write_inputs,
)

GREY = [120.0, 120.0, 120.0]
PARAMS = Select(min_sharpness=20.0, max_colour_deviation=6.0, rights=("Public domain",))
CAPTURE = "2026-05-04"

STORIES: dict[str, tuple[str, str]] = {
    "unreadable": ("unreadable", "cannot be decoded. (ends early) A line in keep.txt cannot"),
    "not_an_image": ("not an image", "something else, such as a page. (HTML) A line in keep"),
    "opted_out": ("opted out", "asked that the image not be used."),
    "curator_removed": ("removed by a curator", "takes the image out. (says ana)"),
    "unlisted": ("no longer listed", "no longer in the lists in which it stood"),
    "placeholder": ("placeholder", "(served for 5 listings; 5 make a placeholder)"),
    "too_small": ("too small", "(shorter side 90 px; at least 128)"),
    "aspect_ratio": ("too tall or too wide", "a square crop loses 67 %; at most 2)"),
    "blank": ("blank", "(luminance and hue vary by 1.00; at least 2)"),
    "blurry": ("blurry", "(sharpness 5.0; at least 20)"),
    "colour_outlier": ("colour outlier", "from the usual colour; at most 6)"),
    "watermark": ("watermarked", "(score 31.0; at most"),
    "rights": ("rights", "Its rights label is not among those allowed."),
    "exact_duplicate": ("exact duplicate", f"of these copies {id_of('kept')} is preferred"),
    "near_duplicate": (
        "near duplicate",
        "another image that was kept. (colours differ by 1.5",
    ),
}
"""What the first line says of an image of each reason, and a part of what follows."""


def images() -> list[Row]:
    facts: dict[str, Row] = {
        "unreadable": {"fault": "unreadable", "fault_detail": "ends early"},
        "not_an_image": {"fault": "not_an_image", "fault_detail": "HTML"},
        "too_small": {"height": 90, "width": 120},
        "aspect_ratio": {"height": 900, "width": 300},
        "blank": {"luminance_std": 1.0},
        "blurry": {"sharpness": 5.0},
        "colour_outlier": {"mean_rgb": [10.0, 20.0, 230.0]},
        "exact_duplicate": {"capture": "2026-06-01"},
        "near_duplicate": {"width": 350},
    }
    named = [image(reason, **{"mean_rgb": GREY, **facts.get(reason, {})}) for reason in STORIES]
    flat = image("flat", mean_rgb=GREY, symmetry_distances=[0.0] * 8)
    return [*named, image("kept", mean_rgb=GREY), flat, image("square", mean_rgb=GREY, width=900)]


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    shown = [listing(name, name, rights="Public domain") for name in (*STORIES, "kept", "flat")]
    shown += [listing("square", "square", rights="Public domain", title="Kept \x1b[2Jwide")]
    for row in shown:
        row["rights"] = None if row["listing_id"] == "rights" else row["rights"]
        row["fetch"] = "opted_out" if row["listing_id"] == "opted_out" else row["fetch"]
    left = listing("unlisted", None, capture="2026-06-01", image_key="", fetch=None)
    shown += [left | {"layer": None}]
    shown += [listing(f"more {n}", "placeholder", rights="Public domain") for n in range(4)]
    made = inputs(
        images(),
        shown,
        pairs=[
            pair("kept", "exact_duplicate", "exact"),
            pair("kept", "near_duplicate", symmetry="flip_left_right"),
        ],
        scores=[score("watermark", 31.0), score("kept", None)],
        decisions=[
            decision("remove", "curator_removed"),
            decision("keep", "square", by="mira"),
            decision("remove", "flat", "variant", "identity"),
        ],
    )
    written = write_inputs(tmp_path_factory.mktemp("story"), "paintings", made)
    selection = select(made, PARAMS)
    tables.write(written.table("selection"), SELECTION, selection)
    (varied,) = variants(selection, made.images, made.decisions, Augment(held_out_share=0.0))
    tables.write(written.table("variants"), VARIANTS, varied)
    return written


def told(paths: Paths, name: object) -> tuple[str, str]:
    rows = history(paths, id_of(name))
    return verdict(rows), "\n".join(sentences(rows))


@pytest.mark.parametrize("reason", STORIES)
def test_an_image_of_each_reason_has_its_story(paths: Paths, reason: str) -> None:
    first, rest = told(paths, reason)
    label, part = STORIES[reason]
    assert first == f"left out: {label}"
    assert part in rest
    assert "variants   none: only an image that stays has variants" in rest


def test_every_reason_of_an_image_has_a_story() -> None:
    assert set(REASONS) - set(STORIES) == {reason.name for reason in OF_VARIANTS}


def test_a_kept_image_tells_of_its_copies_and_variants(paths: Paths) -> None:
    first, rest = told(paths, "kept")
    assert first == "kept, trained on in 6 variants"
    assert "no rule speaks against it" in rest
    assert (
        "the preferred one of its copies: captured earlier: 2026-05-04 against 2026-06-01" in rest
    )
    assert f"the same pixels as {id_of('exact_duplicate')}" in rest
    assert f"{id_of('near_duplicate')}, mirrored left to right (pHash 2 bits" in rest
    assert "mark       no overlay was found among images like it" in rest


def test_variants_are_told_one_by_one(paths: Paths) -> None:
    first, rest = told(paths, "flat")
    assert first == "kept, trained on in 1 variant"
    assert "identity: left out, says ana" in rest
    assert "rot180: left out. Turned or mirrored it equals another variant of its image." in rest
    assert "Leave out its variant identity, says ana on 2026-11-22" in rest


def test_what_a_curator_overruled_is_told_and_no_title_commands_the_terminal(paths: Paths) -> None:
    first, rest = told(paths, "square")
    assert first.startswith("kept, ")
    assert "kept by mira, although it is too tall or too wide (sides as 3.00 to 1" in rest
    assert "\x1b" not in rest
    assert '"Kept \ufffd[2Jwide" by ada-vorn: wikiart square\n' in rest
    assert "2026-05-04: image 1, the bytes came; rights: Public domain" in rest


def test_the_requests_are_told_where_a_capture_is_there(paths: Paths) -> None:
    assert "requested  no capture is here to ask" in told(paths, "kept")[1]
    row: Row = dict.fromkeys(MANIFEST.arrow.names)
    row |= {"seq": 0, "kind": "image", "url": "https://example.org/a.jpg", "fetch": "fetched"}
    row |= {"address": "http://127.0.0.1:1", "http_status": 200, "elapsed_ms": 1}
    row |= {"sha256": image("kept")["sha256"], "fetched_at": "2026-05-04T10:00:00Z"}
    manifest = paths.capture(CAPTURE) / "manifest.parquet"
    tables.write(manifest, MANIFEST, tables.from_rows(MANIFEST, [row]))
    said = (
        "https://example.org/a.jpg: 200, the bytes came, 2026-05-04T10:00:00Z (capture 2026-05-04)"
    )
    assert f"requested  {said}" in told(paths, "kept")[1]
    assert "no request of the captures that are here" in told(paths, "flat")[1]
    manifest.unlink()
