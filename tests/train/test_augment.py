from __future__ import annotations

import pytest
import torch

from train.augmentation.augmentations import (
    CUT,
    FARTHEST,
    NUMBERS,
    augment,
    colour,
    cutout,
    translate,
)

SIDE = 16
IMAGES = torch.rand(6, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0)) + 0.1


def _numbers(**numbers: float) -> torch.Tensor:
    """The same numbers for all images; those not given leave an image alone."""
    order = ("down", "right", "row", "column", "brightness", "saturation", "contrast")
    return torch.tensor([[numbers.get(name, 0.5) for name in order]] * len(IMAGES))


def test_the_middle_of_all_numbers_moves_and_colours_nothing() -> None:
    assert torch.equal(translate(IMAGES, _numbers()), IMAGES)
    torch.testing.assert_close(colour(IMAGES, _numbers()), IMAGES)
    assert augment(IMAGES, _numbers(), ()) is IMAGES


@pytest.mark.parametrize(("number", "shift"), [(0.0, -2), (0.99, 2), (1.0, 2)])
def test_an_image_moves_as_a_whole_and_grey_comes_in(number: float, shift: int) -> None:
    assert int(SIDE * FARTHEST) == 2
    moved = translate(IMAGES, _numbers(down=number))
    # What lay in row k is found in row k - shift.
    inside = IMAGES[:, :, shift:] if shift > 0 else IMAGES[:, :, :shift]
    kept, new = (moved[:, :, :-2], moved[:, :, -2:]) if shift > 0 else (
        moved[:, :, 2:], moved[:, :, :2],
    )  # fmt: skip
    assert torch.equal(kept, inside)
    assert new.abs().max() == 0
    assert torch.equal(translate(IMAGES.mT, _numbers(right=number)).mT, moved)


def test_a_square_of_half_the_side_is_cut() -> None:
    hole = cutout(IMAGES, _numbers())[:, 0] == 0
    assert hole[:, 4:12, 4:12].all()
    assert hole.float().mean().item() == CUT**2
    corner = cutout(IMAGES, _numbers(row=0.0, column=0.0))[:, 0] == 0
    assert corner.float().mean().item() == CUT**2 / 4


def test_colours_change_as_they_say() -> None:
    torch.testing.assert_close(colour(IMAGES, _numbers(brightness=1.0)), IMAGES + 0.5)
    grey = colour(IMAGES, _numbers(saturation=0.0))
    torch.testing.assert_close(grey, IMAGES.mean(dim=1, keepdim=True).expand_as(IMAGES))
    flatter = colour(IMAGES, _numbers(contrast=0.0))
    torch.testing.assert_close(flatter.std(dim=(1, 2, 3)), IMAGES.std(dim=(1, 2, 3)) / 2)


def test_each_image_has_numbers_of_its_own_and_gradients_pass() -> None:
    numbers = torch.rand(len(IMAGES), NUMBERS, generator=torch.Generator().manual_seed(1))
    kinds = ("translate", "cutout", "colour")
    images = IMAGES.clone().requires_grad_()
    together = augment(images, numbers, kinds)
    for k in range(len(IMAGES)):
        alone = augment(images[k : k + 1], numbers[k : k + 1], kinds)
        torch.testing.assert_close(together[k : k + 1], alone)
    together.sum().backward()  # type: ignore[no-untyped-call]
    assert images.grad is not None
    assert images.grad.abs().sum() > 0
