"""The game without pairs (Zhu et al. 2017): like the other collection, and back to what it was.

What this module imports is what the weights depend on, as with `train.loop.step`.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from pipeline.core.params.translation import UnpairedTranslation
from train.compute.device import Compute
from train.networks import losses
from train.networks.phase import Phase
from train.networks.recipe import Batch, Losses
from train.translation.game import TranslationGame
from train.translation.networks import discriminator_for, generator_for
from train.translation.pool import exchanged
from train.translation.tasks import WHOLE

BETAS: Final = (0.5, 0.999)
_BOUNDARY: Final = 0.5
"""Between the answers 0 and 1 of least squares."""


class BothWays(nn.Module):
    """A network for each direction, trained, averaged and published as one."""

    def __init__(self, forth: nn.Module, back: nn.Module) -> None:
        """``forth`` is of the target collection, ``back`` of the other."""
        super().__init__()
        self.forth = forth
        self.back = back


def build(params: UnpairedTranslation) -> tuple[BothWays, BothWays]:
    """Generators to the target and back; discriminators of the target and of the collection."""
    generators = [generator_for(params, WHOLE) for _ in range(2)]
    discriminators = [discriminator_for(params, WHOLE.channels) for _ in range(2)]
    return BothWays(*generators), BothWays(*discriminators)


class UnpairedGame(TranslationGame):
    """One update of both generators and one of both discriminators a step.

    The generators' loss is the least squares of the patches of their outputs against "real"
    (section 4), plus ``cycle_weight`` times the mean distance of each picture from what it is
    there and back (section 3.2), plus ``identity_weight`` times the mean change of a picture that
    is of the collection already (section 5.2). That of the discriminators is halved (section 7.1).

    No rule of the monitor judges the losses: least squares say nothing of how a game ends.
    """

    generator: BothWays
    discriminator: BothWays

    def __init__(self, params: UnpairedTranslation, compute: Compute) -> None:
        """With first weights as ``params.seed`` draws them."""
        torch.manual_seed(params.seed)
        super().__init__(params, WHOLE, compute, build(params), BETAS)
        self._params = params
        shape = (params.pool, WHOLE.channels, params.resolution, params.resolution)
        if params.pool:
            self.state = {
                name: torch.zeros(shape, device=compute.device) for name in ("forth", "back")
            }

    def step(self, reals: Batch, phase: Phase, number: int) -> Losses:
        """One step on a batch of each collection.

        Raises:
            ValueError: there is no batch of the second one.
        """
        del phase  # every step is alike
        if reals.targets is None:
            raise ValueError("a game of two collections needs images of both")
        a, b = reals.images, reals.targets
        made, measured = self._update_generators(a, b)
        held = min(number * self.reals_per_step, self._params.pool)
        with torch.no_grad():
            shown = {
                name: exchanged(self.state[name], held, made[name], self.compute.ranks)
                if self.state
                else made[name]
                for name in made
            }
        return measured | self._update_discriminators({"forth": b, "back": a}, shown)

    def _update_generators(self, a: Tensor, b: Tensor) -> tuple[dict[str, Tensor], Losses]:
        forth, back = self.generator.forth, self.generator.back
        with self._frozen_discriminator():
            with self._autocast():
                made = {"forth": forth(a), "back": back(b)}
                logits = {name: getattr(self.discriminator, name)(made[name]) for name in made}
            adversarial = _least_squares(logits, real=True)
            loss, measured = adversarial, {"generator": adversarial.detach()}
            if self._params.cycle_weight:
                with self._autocast():
                    again = back(made["forth"]), forth(made["back"])
                cycle = _distance(again[0], a) + _distance(again[1], b)
                loss = loss + self._params.cycle_weight * cycle
                measured["cycle"] = cycle.detach()
            if self._params.identity_weight:
                with self._autocast():
                    same = back(a), forth(b)
                identity = _distance(same[0], a) + _distance(same[1], b)
                loss = loss + self._params.identity_weight * identity
                measured["identity"] = identity.detach()
            gradient = self._update(self.generator_optimizer, loss)
        detached = {name: picture.detach().float() for name, picture in made.items()}
        return detached, measured | {"generator_gradient": gradient}

    def _update_discriminators(self, reals: dict[str, Tensor], made: dict[str, Tensor]) -> Losses:
        with self._autocast():
            judges = {name: getattr(self.discriminator, name) for name in reals}
            of_reals = {name: judge(reals[name]) for name, judge in judges.items()}
            of_made = {name: judge(made[name]) for name, judge in judges.items()}
        real, fake = _least_squares(of_reals, real=True), _least_squares(of_made, real=False)
        self._update(self.discriminator_optimizer, (real + fake) / 2)
        return {
            "discriminator_real": real.detach(),
            "discriminator_fake": fake.detach(),
            "accuracy_real": _accuracy(of_reals, real=True),
            "accuracy_fake": _accuracy(of_made, real=False),
        }


def _least_squares(logits: dict[str, Tensor], *, real: bool) -> Tensor:
    """The losses of both directions together."""
    return torch.stack([losses.least_squares(each, real=real) for each in logits.values()]).sum()


def _accuracy(logits: dict[str, Tensor], *, real: bool) -> Tensor:
    """How often both discriminators are right."""
    shares = [losses.accuracy(each, real=real, boundary=_BOUNDARY) for each in logits.values()]
    return torch.stack(shares).mean()


def _distance(made: Tensor, truth: Tensor) -> Tensor:
    return (made.float() - truth).abs().mean()
