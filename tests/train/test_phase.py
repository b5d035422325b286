from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.params.train import DcganTrain, ProganTrain
from train.compute.device import Compute
from train.networks.phase import Phase
from train.networks.progan import phase_at, total_images
from train.networks.registry import recipe_for

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
        0: Phase(4, 1.0, 0),
        599_999: Phase(4, 1.0, 0),
        600_000: Phase(8, 0.0, 1),
        900_000: Phase(8, 0.5, 1),
        1_200_000: Phase(8, 1.0, 2),
        1_800_000: Phase(16, 0.0, 3),
        2_400_000: Phase(16, 1.0, 4),
        9_999_999: Phase(16, 1.0, 4),
    }
    assert {at: phase_at(params, at) for at in moments} == moments
    assert total_images(params) == 3_000_000


def test_a_dcgan_has_one_phase(cpu: Compute) -> None:
    recipe = recipe_for(DcganTrain(model="dcgan", width=8, kimg=0.5), cpu)
    assert recipe.total_images == 500
    assert recipe.phase_at(0) == recipe.phase_at(10_000) == Phase(64)


@given(_progans(), st.lists(st.floats(0, 1.2), min_size=2, max_size=20))
def test_growth_never_goes_back(params: ProganTrain, moments: list[float]) -> None:
    total = total_images(params)
    phases = [phase_at(params, int(share * total)) for share in sorted(moments)]
    progress = [(phase.resolution, phase.fade) for phase in phases]
    assert progress == sorted(progress)
    assert [phase.number for phase in phases] == sorted(phase.number for phase in phases)
    assert all(0 <= phase.fade <= 1 for phase in phases)
    assert all(4 <= phase.resolution <= params.resolution for phase in phases)


@given(_progans(), st.floats(0, 1))
def test_fades_are_continuous(params: ProganTrain, share: float) -> None:
    """One image more never changes the mix by more than its share of a fade."""
    at = int(share * total_images(params))
    now, then = phase_at(params, at), phase_at(params, at + 1)
    step = 1 / round(params.fade_kimg * 1000)
    if now.resolution == then.resolution:
        assert 0 <= then.fade - now.fade <= step + 1e-9
    else:  # a new resolution begins invisible, after the one before was whole
        assert (then.resolution, then.fade, now.fade) == (2 * now.resolution, 0.0, 1.0)


@given(_progans())
def test_every_resolution_gets_its_stable_period(params: ProganTrain) -> None:
    last = phase_at(params, total_images(params) - 1)
    assert last == Phase(params.resolution, 1.0, last.number)
