"""A small gallery of paintings, as several tests capture it."""

from __future__ import annotations

from pipeline.core.params.scrape import Gallery, Scrape

PAINTINGS = Scrape(
    site="wikiart",
    as_of="2026-05-04",
    gallery=Gallery(seed=5, works=60, creators=6),
    styles=("color-field-painting",),
    image_size="Large",
    seconds_between_pages=0.0,
    seconds_between_images=0.0,
    shard_mb=0.4,
)
