"""The monitor's rules: when is a training past recovery? Each looks at a window of steps.

A single step says nothing: losses of 0.000 come and go while a DCGAN still learns. What a rule
compares is in the rows of the history (means over the steps since the row before) and in the
metrics of the samples (taken now and then); both are plain numbers, so the rules are pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from train.networks.recipe import Objective

WINDOW_STEPS: Final = 200
WARM_UP_STEPS: Final = 1000
"""Before these and five passes over the data, little diversity means nothing."""
WARM_UP_EPOCHS: Final = 5
LASTING: Final = 3
"""Windows, or measurements on samples, for which a slow failure must last."""

LEAST_SUM: Final = 0.7
"""Of the losses on fakes, -log(1 - p) and -log(p): for one p they make at least 2 ln 2."""
WON_ACCURACY: Final = 0.999
WON_LOSS: Final = 1e-2
DEAD_SHARE: Final = 0.05
"""Of its early median, below which the generator's gradient says that nothing is learnt."""
LEAST_DIVERSITY: Final = 0.1
"""Of the samples, as a share of that of the real images."""
MOST_COPIES: Final = 0.05
LARGEST_DISTANCE: Final = 1e3
STEEPEST: Final = 81.0
"""Gradient penalty at a slope of ten."""

Row = dict[str, int | float]
"""Numbers by name; ``images`` and ``step`` say when."""


@dataclass(frozen=True)
class Finding:
    """What a rule saw."""

    rule: str
    saw: str
    remedy: str
    fatal: bool
    """Whether going on is pointless; the rest are warnings."""


@dataclass(frozen=True)
class Course:
    """All that the rules may look at."""

    rows: Sequence[Row]
    """The history, the latest row last."""
    sample_metrics: Sequence[Row]
    """Measurements on samples, the latest last."""
    epoch_steps: float
    """Steps of one pass over the data."""
    finite: bool
    """Whether all weights are numbers."""
    objective: Objective | None
    """What the losses are; None: of a kind that no rule judges."""
    section: str = "train"
    """Of params.yaml, as remedies name it."""

    def window(self, windows: int = 1) -> list[Row]:
        """The latest rows that make ``windows`` windows; none while there are fewer steps."""
        taken: list[Row] = []
        for row in reversed(self.rows):
            taken.append(row)
            if sum(row["steps"] for row in taken) >= windows * WINDOW_STEPS:
                return taken[::-1]
        return []

    def knows(self, *names: str) -> bool:
        """Whether the history has columns of these names."""
        return all(name in self.rows[-1] for name in names)

    @property
    def warm(self) -> bool:
        """Whether samples may be expected to differ."""
        return bool(self.rows[-1]["step"] >= max(WARM_UP_STEPS, WARM_UP_EPOCHS * self.epoch_steps))


Rule = Callable[[Course], Iterator[Finding]]


def not_finite(course: Course) -> Iterator[Finding]:
    """A loss, a gradient or a weight that is no number."""
    wrong = [
        name
        for name, value in course.rows[-1].items()
        if isinstance(value, float) and not math.isfinite(value)
    ]
    if wrong or not course.finite:
        saw = f"the mean of {wrong[0]!r} is not a number" if wrong else "a weight is not a number"
        yield Finding("not finite", saw, f"lower {course.section}.learning_rate", fatal=True)


def impossible_pair(course: Course) -> Iterator[Finding]:
    """Cross entropies on fakes that no single discriminator can give."""
    rows = course.window()
    if not rows or course.objective is not Objective.CROSS_ENTROPY:
        return
    total = mean(rows, "discriminator_fake") + mean(rows, "generator")
    if total < LEAST_SUM:
        yield Finding(
            "impossible pair",
            f"the discriminator calls fakes both real and fake (losses {total:.3f} "
            f"together over {WINDOW_STEPS} steps, {2 * math.log(2):.3f} is the least for one "
            f"discriminator), so its batch norm sees other statistics in the two updates",
            "set train.discriminator_batch_norm to false",
            fatal=True,
        )


def discriminator_wins(course: Course) -> Iterator[Finding]:
    """No error left to learn from, for long, while the generator's loss does not fall."""
    rows = course.window(LASTING)
    if not rows or course.objective is not Objective.CROSS_ENTROPY:
        return
    accuracy = min(mean(rows, "accuracy_real"), mean(rows, "accuracy_fake"))
    loss = mean(rows, "discriminator_real") + mean(rows, "discriminator_fake")
    if accuracy >= WON_ACCURACY and loss < WON_LOSS and not _falls(rows, "generator"):
        yield Finding(
            "discriminator wins",
            f"it is right in {accuracy:.2%} of all cases with a loss of {loss:.4f} over "
            f"{LASTING * WINDOW_STEPS} steps, and the generator's loss does not fall",
            f"use no batch norm in the discriminator, a lower {course.section}.learning_rate, or a "
            f"model with gradient penalty",
            fatal=True,
        )


def dead_generator(course: Course) -> Iterator[Finding]:
    """Gradients of the generator that have faded and fade on."""
    rows, name = course.window(), "generator_gradient"
    if not rows or not course.knows(name) or len(rows) == len(course.rows):
        return
    early, now = _early_median(course.rows, name), mean(rows, name)
    if now < DEAD_SHARE * early and _falls(rows, name):
        yield Finding(
            "dead generator",
            f"its gradient has fallen from {early:.3g} to {now:.3g} over the last "
            f"{WINDOW_STEPS} steps",
            f"start anew with a lower {course.section}.learning_rate or another "
            f"{course.section}.seed",
            fatal=True,
        )


def mode_collapse(course: Course) -> Iterator[Finding]:
    """Samples that are all alike, and do not come to differ."""
    most = _lasting_least(course, "diversity")
    if most is not None:
        yield Finding(
            "mode collapse",
            f"samples differ by {most:.1%} of what real images do, {LASTING} measurements running",
            "use train.generator_batch_norm, a larger train.batch, or model: residual",
            fatal=True,
        )


def class_collapse(course: Course) -> Iterator[Finding]:
    """Samples of a class that are all alike, which those of other classes hide from the rule above.

    Past recovery where it is half the classes: the generator then draws classes, not images.
    """
    of_one = _lasting_least(course, "least_class_diversity")
    of_most = _lasting_least(course, "class_diversity")
    if of_one is not None:
        most, which = (of_one, "one class") if of_most is None else (of_most, "half the classes")
        yield Finding(
            "class collapse",
            f"samples of {which} differ by {most:.1%} or less of what its real images do, "
            f"{LASTING} measurements running; each row of a sheet of samples is a class",
            "set train.class_balanced, add images of the class, or train without train.condition",
            fatal=of_most is not None,
        )


def memorising(course: Course) -> Iterator[Finding]:
    """Samples that are training images."""
    latest = _latest_samples(course, "near_copies")
    if latest and min(latest) > MOST_COPIES:
        yield Finding(
            "memorising",
            f"{min(latest):.0%} of the samples are nearer to a training image than two training "
            f"images are to each other, {LASTING} measurements running",
            "remove duplicates, add images, train for less long, or raise augmentation",
            fatal=False,
        )


def runaway_critic(course: Course) -> Iterator[Finding]:
    """Scores or slopes of a Wasserstein critic that have left all bounds."""
    rows = course.window()
    if not rows or course.objective is not Objective.WASSERSTEIN:
        return
    distance, penalty = abs(mean(rows, "distance")), mean(rows, "gradient_penalty")
    if distance > LARGEST_DISTANCE or penalty > STEEPEST:
        yield Finding(
            "runaway critic",
            f"distance {distance:.4g} and gradient penalty {penalty:.4g} over {WINDOW_STEPS} steps",
            "lower train.learning_rate or raise train.gradient_penalty",
            fatal=True,
        )


RULES: Final[tuple[Rule, ...]] = (
    not_finite,
    impossible_pair,
    discriminator_wins,
    dead_generator,
    mode_collapse,
    class_collapse,
    memorising,
    runaway_critic,
)


def examine(course: Course) -> list[Finding]:
    """Everything that is wrong now, in the order of `RULES`."""
    return [finding for rule in RULES for finding in rule(course)]


@torch.no_grad()
def all_finite(*networks: nn.Module) -> bool:
    """Whether every weight is a number; waits for the device once."""
    weights: list[Tensor] = [weight for network in networks for weight in network.parameters()]
    return bool(torch.stack(torch._foreach_norm(weights)).isfinite().all())


def mean(rows: Sequence[Row], name: str) -> float:
    """Of ``name`` over all steps of ``rows``."""
    total = sum(row[name] * row["steps"] for row in rows)
    return float(total / sum(row["steps"] for row in rows))


def _lasting_least(course: Course, name: str) -> float | None:
    """The most that ``name`` was in the latest sample metrics, if all are small and do not rise."""
    latest = _latest_samples(course, name)
    rises = latest == sorted(latest) and latest[:1] < latest[-1:]
    return None if not latest or rises or max(latest) >= LEAST_DIVERSITY else max(latest)


def _latest_samples(course: Course, name: str) -> list[float]:
    """``name`` in the latest sample metrics; nothing where that is too early or not measured."""
    latest = course.sample_metrics[-LASTING:]
    if len(latest) < LASTING or not course.warm or name not in latest[0]:
        return []
    return [row[name] for row in latest]


def _falls(rows: Sequence[Row], name: str) -> bool:
    """Whether the later half of ``rows`` has the lower mean."""
    middle = len(rows) // 2
    return middle > 0 and mean(rows[middle:], name) < mean(rows[:middle], name)


def _early_median(rows: Sequence[Row], name: str) -> float:
    """Of the first rows that make a window."""
    taken: list[float] = []
    steps: float = 0
    for row in rows:
        taken.append(row[name])
        steps += row["steps"]
        if steps >= WINDOW_STEPS:
            break
    return sorted(taken)[len(taken) // 2]
