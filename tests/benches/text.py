"""Are pictures drawn of what their captions say? With what teaches it, and with captions shuffled.

``python -m tests.benches.text PROJECT`` takes the collection ``watches`` of a project whose stages
were run up to `condition` with recipes/text.yaml. It trains for ``--minutes`` of CPU time each: as
the recipe has it; without real images that are judged with another one's caption; and with all
captions shuffled among the images. For each it prints how often a reader that has learnt from real
images finds the right caption of an image held out among ten, from pictures drawn of it: by
thumbnails, and by the features of MobileNetV2; and writes a sheet of `TEXTS`, a row each, to
``--out``. ``--only`` takes one of the three. Figures stand in docs/training.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.core.files import write_json
from pipeline.core.shards import Pixels
from tests.benches.conditions import ARMS, Whole, trained
from train.compute import device
from train.data.real_images import RealImages
from train.data.variants import Variants
from train.export.model_file import Model
from train.metrics.mobilenet import Mobilenet
from train.metrics.retrieval import (
    MOST_JUDGED,
    Captioned,
    CaptionReader,
    judge_captions,
    share_right,
)
from train.samples import sheets
from train.samples.worded import of_texts

TEXTS: Final = (
    "Orsine Façade, Black dial, Steel case, Leather strap",
    "Ardmoor Constante, Champagne dial, Yellow gold case, Yellow gold strap",
    "steel diver, green dial",
    "blue dial, rubber strap",
    "a golden watch",
    "white dial, black leather strap",
    "red dial",
    "ceramic watch, all black",
)
"""Two captions as the listings have them, and what somebody may ask for."""
PENALTIES: Final = (0.001, 0.01, 0.1, 1.0)
_COLUMNS: Final = 8


def judged(whole: Whole, model: Model) -> dict[str, Any]:
    """Shares of pictures whose caption is found, by what is seen of them."""
    shown, held_out = (each.originals()[0] for each in (whole.shown, whole.held_out))
    real, of_real = _pictures(whole, shown)
    unseen, of_unseen = _pictures(whole, held_out)
    asked = np.resize(of_unseen, (MOST_JUDGED, of_unseen.shape[1]))
    fakes = model.of_vectors(asked).draw(MOST_JUDGED, seed=3)
    turned = np.concatenate([real, real[:, :, ::-1]])
    by_colours = judge_captions(
        Captioned.of(turned, np.concatenate([of_real, of_real])),
        Captioned.of(unseen, of_unseen),
        Captioned.of(fakes, asked),
    )
    see = Mobilenet(model.compute)
    reader = CaptionReader(see(real), of_real)
    by_network = {
        "right": share_right(reader, Captioned(see(fakes), asked), of_unseen),
        "reals": share_right(reader, Captioned(see(unseen), of_unseen), of_unseen),
    }
    return {"thumbnails": by_colours, "mobilenet": by_network, "penalties": _by_penalty(whole)}


def _by_penalty(whole: Whole) -> dict[str, float | None]:
    """The share of real images held out whose caption is found, by thumbnails, by each penalty."""
    real, unseen = (
        Captioned.of(*_pictures(whole, each.originals()[0]))
        for each in (whole.shown, whole.held_out)
    )
    return {
        f"{penalty:g}": share_right(
            CaptionReader(real.seen, real.vectors, penalty), unseen, unseen.vectors
        )
        for penalty in PENALTIES
    }


def _pictures(whole: Whole, variants: Variants) -> tuple[Pixels, Any]:
    """Each image as it is stored, and its vector."""
    assert variants.vectors is not None
    places = np.arange(len(variants))
    images = RealImages(whole.paths.pixels, variants, whole.params.resolution)
    return images.pictures(places), variants.vectors.at(places)


def main() -> None:
    """Train and judge each, and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--minutes", type=float, default=5.0, help="CPU minutes each")
    parser.add_argument("--only", choices=ARMS)
    parser.add_argument("--out", type=Path, default=Path("work/bench/text"))
    args = parser.parse_args()
    device.make_deterministic()
    whole = Whole.of(args.project)
    for arm in [args.only] if args.only else ARMS:
        place = args.out / arm.replace(" ", "-")
        training = trained(whole, arm, args.minutes, place)
        model = Model(
            whole.params, training.state.averaged_generator(), device.find(), {},
            condition=whole.conditions.description,
        )  # fmt: skip
        texts = of_texts(model, TEXTS, _COLUMNS)
        latents = texts.latents(_COLUMNS, seed=3).repeat(len(TEXTS), 1)
        sheets.write_png(place / "texts.png", sheets.sheet(texts.draw_from(latents), _COLUMNS))
        numbers = judged(whole, model) | {"kimg": training.state.images_seen / 1000}
        write_json(place / "judged.json", numbers)
        print(f"{arm:17}{numbers}", flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
