"""Rule `watermark`: it carries the mark that the site lays over its images."""

from __future__ import annotations

from curation.selection.reason import Reason
from curation.selection.rules.rule import Rule, above

RULE = Rule(
    Reason(
        "watermark",
        "Watermarked",
        "It carries the mark that the site lays over its images.",
        "score {value:.1f}; at most {threshold:g}",
        param="select.max_watermark_score",
        digit=3,
    ),
    lambda evidence, most: above(evidence.score, most),
)
