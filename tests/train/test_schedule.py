from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.params.train import DcganTrain, ProganTrain
from train.schedule import Stage, stage_at, total_images

KIMG = st.floats(0.05, 5.0).map(lambda value: round(value, 3))


@st.composite
def _progans(draw: st.DrawFn) -> ProganTrain:
    return ProganTrain(
        model="progan",
        resolution=draw(st.sampled_from((4, 8, 16, 32, 64, 128, 256))),
        fade_kimg=draw(KIMG),
        stable_kimg=draw(KIMG),
    )


def test_the_seeds_schedule() -> None:
    params = ProganTrain(model="progan", resolution=16, fade_kimg=600.0, stable_kimg=600.0)
    moments = {
        0: Stage(4, 1.0, 0),
        599_999: Stage(4, 1.0, 0),
        600_000: Stage(8, 0.0, 1),
        900_000: Stage(8, 0.5, 1),
        1_200_000: Stage(8, 1.0, 2),
        1_800_000: Stage(16, 0.0, 3),
        2_400_000: Stage(16, 1.0, 4),
        9_999_999: Stage(16, 1.0, 4),
    }
    assert {at: stage_at(params, at) for at in moments} == moments
    assert total_images(params) == 3_000_000


def test_a_dcgan_has_one_stage() -> None:
    params = DcganTrain(model="dcgan", kimg=0.5)
    assert total_images(params) == 500
    assert stage_at(params, 0) == stage_at(params, 10_000) == Stage(64, 1.0, 0)


@given(_progans(), st.lists(st.floats(0, 1.2), min_size=2, max_size=20))
def test_growth_never_goes_back(params: ProganTrain, moments: list[float]) -> None:
    total = total_images(params)
    stages = [stage_at(params, int(share * total)) for share in sorted(moments)]
    progress = [(stage.resolution, stage.fade) for stage in stages]
    assert progress == sorted(progress)
    assert [stage.phase for stage in stages] == sorted(stage.phase for stage in stages)
    assert all(0 <= stage.fade <= 1 for stage in stages)
    assert all(4 <= stage.resolution <= params.resolution for stage in stages)


@given(_progans(), st.floats(0, 1))
def test_fades_are_continuous(params: ProganTrain, share: float) -> None:
    """One image more never changes the mix by more than its share of a fade."""
    at = int(share * total_images(params))
    now, then = stage_at(params, at), stage_at(params, at + 1)
    step = 1 / round(params.fade_kimg * 1000)
    if now.resolution == then.resolution:
        assert 0 <= then.fade - now.fade <= step + 1e-9
    else:  # a new resolution begins invisible, after the one before was whole
        assert (then.resolution, then.fade, now.fade) == (2 * now.resolution, 0.0, 1.0)


@given(_progans())
def test_every_resolution_gets_its_stable_period(params: ProganTrain) -> None:
    last = stage_at(params, total_images(params) - 1)
    assert last == Stage(params.resolution, 1.0, last.phase)
