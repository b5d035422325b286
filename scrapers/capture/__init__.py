"""Captures: what a site sent on one day, kept as it came and never edited once finished."""

from scrapers.capture.capture_reader import Capture, CapturedPage, list_captures
from scrapers.capture.image_shards import ImageEntry, ShardEntry, read_image_shard

__all__ = [
    "Capture",
    "CapturedPage",
    "ImageEntry",
    "ShardEntry",
    "list_captures",
    "read_image_shard",
]
