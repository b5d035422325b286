"""Captures: what a site sent on one day, kept as it came and never edited once finished."""

from scrapers.capture.images import ImageEntry, ShardEntry, read_image_shard
from scrapers.capture.reader import Capture, CapturedPage, list_captures

__all__ = [
    "Capture",
    "CapturedPage",
    "ImageEntry",
    "ShardEntry",
    "list_captures",
    "read_image_shard",
]
