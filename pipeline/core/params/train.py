"""Params of `train`: the network, its loss and its schedule."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from pipeline.core.caption_template import template_of
from pipeline.core.params.base import Section


def _multiple(batch: int, of: int) -> str:
    """What to write in place of a ``batch`` that is no multiple ``of`` that number."""
    below, above = batch // of * of, -(-batch // of) * of
    near = f"{below} or {above}" if below >= 2 else f"{above}"
    return f"write a multiple of {of}, such as {near}, not {batch}"


class LoopParams(Section):
    """What the loop asks, whatever it trains."""

    title: ClassVar[str]
    """What the data card calls the network."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Fixes first weights, order of the images and every latent."""
    batch: Annotated[int, Field(ge=2)] = 64
    """Images that the generator draws in one step."""
    learning_rate: Annotated[float, Field(gt=0)] = 2e-4
    """Step size of Adam, for both networks."""
    learning_rate_falls_from: Annotated[float, Field(ge=0, lt=1)] | None = None
    """Share of the training after which the learning rate falls, in a straight line to zero at its
    end: 0.5 from half way. What has fallen cannot go on, so with it a changed `kimg` begins the
    training anew; by `minutes` it falls with the clock and does not repeat to the bit. null: it
    stays."""
    ema_half_life_kimg: Annotated[float, Field(gt=0)] = 5.0
    """Thousands of images after which a weight's share in the moving average has halved."""
    threads: Annotated[int, Field(ge=1, le=256)] = 1
    """Threads that share one operation on a CPU; the weights depend on it in their last bits.
    More than one pays for wide networks on cores that nothing else uses."""
    log_every_kimg: Annotated[float, Field(gt=0)] = 4.0
    """Thousands of images between two rows of the history; the weights are checked as often."""
    checkpoint_every_kimg: Annotated[float, Field(gt=0)] = 5.0
    """Thousands of images between two checkpoints; a killed run loses no more."""
    samples_every_kimg: Annotated[float, Field(gt=0)] = 5.0
    """Thousands of images between two grids of samples."""
    sample_grid: Annotated[int, Field(ge=1, le=16)] = 8
    """Rows and columns of the grid of samples."""
    class_balanced: bool = False
    """Show each artist or brand equally often, however many images there are of it."""
    warm_start: str | None = None
    """Where the first weights come from: `base:NAME`, one of Salon's bases (docs/training.md), or
    the path, from the project's root, of a checkpoint of an earlier training. The networks must be
    the same; the schedule begins at the beginning all the same. null: from scratch."""
    keep_checkpoints: Annotated[int, Field(ge=1)] = 3
    """Checkpoints that are kept, the latest ones."""
    publish: Literal["last", "best"] = "last"
    """Whose averaged weights become the model: the last step's, or those of the checkpoint whose
    samples were nearest to real images; that checkpoint is then kept, too."""
    keep_trainings: Annotated[int, Field(ge=1)] = 3
    """Trainings whose checkpoints are kept in work/train, this one among them."""
    on_unhealthy: Literal["stop", "rollback", "go_on"] = "stop"
    """When the monitor finds a training past recovery: stop it, go back to the oldest checkpoint
    kept with half the learning rates (twice, then stop), or only say so."""

    @property
    def seconds(self) -> float | None:
        """Time on the wall that ends the training, if any does."""
        return None

    @property
    def tells_classes(self) -> bool:
        """Whether artists or brands are told apart."""
        return False

    @property
    def vectors_of(self) -> str | None:
        """What vectors that pictures are drawn of stand for, if they are drawn of any."""
        return None

    @property
    def inseparable(self) -> int:
        """Images of a batch that one process must hold together."""
        return 1


class _Train(LoopParams):
    normalises_latents: ClassVar[bool]
    """Whether it looks at the direction of its latents alone, so that there is nothing to cut off
    (`salon generate --truncation` then draws what its first layers make to the mean)."""


class _Fixed(_Train):
    """Params of networks that do not grow, whose training may end at any step."""

    kimg: Annotated[float, Field(gt=0)] | None = None
    """Thousands of real images shown in all."""
    minutes: Annotated[float, Field(gt=0)] | None = None
    """Minutes on the wall that the training may take, stops not counted. With `kimg` as well,
    whichever ends first; without, it shows what it can. Only `kimg` repeats to the bit: the log
    says which one repeats what the minutes gave. null: until all images are shown."""

    @model_validator(mode="after")
    def _ends(self) -> _Fixed:
        if self.minutes is not None and "kimg" not in self.model_fields_set:
            # The default of kimg shall not end what was given minutes alone.
            object.__setattr__(self, "kimg", None)
        if self.kimg is None and self.minutes is None:
            raise ValueError("kimg: null trains without end; write a number, or give minutes")
        return self

    @property
    def seconds(self) -> float | None:
        """Time on the wall that ends the training, if any does."""
        return None if self.minutes is None else 60 * self.minutes


class DcganTrain(_Fixed):
    """The networks of ART GAN: batch norm where the seed's four models have it."""

    title: ClassVar[str] = "DCGAN"
    normalises_latents: ClassVar[bool] = False

    model: Literal["dcgan"]
    """Picks these networks."""
    resolution: Literal[32, 64] = 64
    """Side of the images in pixels."""
    kimg: Annotated[float, Field(gt=0)] | None = 120.0
    """Thousands of real images shown in all. A step shows half a batch of them. null: until
    `minutes` are over."""
    width: Annotated[int, Field(ge=8, le=512)] = 128
    """Channels of the generator's inner layers; 128 are the seed's."""
    latent: Annotated[int, Field(ge=1)] = 100
    """Numbers from which an image is drawn."""
    generator_batch_norm: bool = True
    """Batch norm after each transposed convolution (the seed's models 2 and 3)."""
    discriminator_batch_norm: bool = False
    """Batch norm in the discriminator (the seed's model 3, which collapsed)."""
    freeze_discriminator_batch_norm: bool = False
    """In the generator's update, batch norm of the discriminator uses its running statistics, as
    Keras does with a frozen model: the cause of model 3's collapse, see docs/training.md."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.4
    """Share of the discriminator's last features that is dropped."""

    @model_validator(mode="after")
    def _halves(self) -> DcganTrain:
        if self.batch % 2:
            raise ValueError(f"batch: half of it is real, half is fake; {_multiple(self.batch, 2)}")
        return self

    @property
    def inseparable(self) -> int:
        """A real image and a drawn one."""
        return 2


class ProganTrain(_Train):
    """Progressive growing from 4 pixels to ``resolution`` with Wasserstein loss (WatchGAN)."""

    title: ClassVar[str] = "progressively grown GAN"
    normalises_latents: ClassVar[bool] = True

    model: Literal["progan"]
    """Picks these networks."""
    resolution: Literal[4, 8, 16, 32, 64, 128, 256, 512, 1024] = 256
    """Side of the images at the end, in pixels."""
    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    """Step size of Adam, for both networks, as in Karras et al. (2018, appendix A.1): larger than
    where weights begin at some hundredths, because these begin at 1 and are scaled where they are
    used."""
    fade_kimg: Annotated[float, Field(gt=0)] = 600.0
    """Thousands of images during which a new resolution is faded in."""
    stable_kimg: Annotated[float, Field(gt=0)] = 600.0
    """Thousands of images for which each resolution is trained once it is whole."""
    channels_base: Annotated[int, Field(ge=8)] = 8192
    """Channels at a resolution r are min(2 * channels_base / r, channels_max)."""
    channels_max: Annotated[int, Field(ge=8)] = 512
    """Most channels at any resolution."""
    latent: Annotated[int, Field(ge=1)] = 512
    """Numbers from which an image is drawn."""
    gradient_penalty: Annotated[float, Field(ge=0)] = 10.0
    """Weight of the gradient penalty (Gulrajani et al. 2017)."""
    drift_penalty: Annotated[float, Field(ge=0)] = 0.001
    """Weight of the squared scores of real images (Karras et al. 2018)."""
    minibatch_std_group: Annotated[int, Field(ge=1)] = 4
    """Images over which the minibatch standard deviation is taken."""

    @model_validator(mode="after")
    def _fits_together(self) -> ProganTrain:
        if self.batch % self.minibatch_std_group:
            raise ValueError(
                f"batch: minibatch_std_group compares {self.minibatch_std_group} images; "
                f"{_multiple(self.batch, self.minibatch_std_group)}"
            )
        if 2 * self.channels_base < self.resolution:
            raise ValueError("channels_base leaves no channel at this resolution")
        return self

    @property
    def inseparable(self) -> int:
        """A group whose standard deviation is taken."""
        return self.minibatch_std_group


class ResidualTrain(_Fixed):
    """Residual networks of one resolution, logistic or relativistic loss, gradient penalties."""

    title: ClassVar[str] = "GAN of residual networks"
    normalises_latents: ClassVar[bool] = True

    model: Literal["residual"]
    """Picks these networks."""
    resolution: Literal[32, 64, 128, 256] = 64
    """Side of the images in pixels."""
    kimg: Annotated[float, Field(gt=0)] | None = 1000.0
    """Thousands of real images shown in all. null: until `minutes` are over."""
    learning_rate: Annotated[float, Field(gt=0)] = 3e-3
    """Step size of Adam, for both networks: larger than where weights begin at some hundredths,
    because these begin at 1 and are scaled where they are used (Karras et al. 2018, section
    4.1)."""
    channels_base: Annotated[int, Field(ge=8)] = 2048
    """Channels at a resolution r are min(2 * channels_base / r, channels_max)."""
    channels_max: Annotated[int, Field(ge=8)] = 256
    """Most channels at any resolution."""
    latent: Annotated[int, Field(ge=1)] = 128
    """Numbers from which an image is drawn."""
    condition: Literal["creator", "sheet", "text"] | None = None
    """creator: learn to draw each artist or brand on demand; an image is judged as one of its
    class (projection, Miyato and Koyama 2018). sheet: draw what its listing says of it, see
    `sheet`. text: draw what a caption says, see `caption`. null: draw whatever there is."""
    sheet: tuple[str, ...] = ()
    """For `condition: sheet`: what pictures are drawn of, labels of the listings' data sheets, such
    as `Dial`, or columns of the table of listings, such as `year`. Numbers are taken as such, with
    or without a unit; anything else is one of some categories."""
    sheet_categories: Annotated[int, Field(ge=2, le=64)] = 8
    """Categories of a column that are told apart, the most common ones; all others are one."""
    caption: str | None = None
    """For `condition: text`: how captions are made of what the listings say, such as
    `{creator_name} {model}, {sheet[Dial]} dial, {year}`. In braces stand columns of the table of
    listings, or labels of the data sheets; what stands between two commas is left out where a
    listing does not say it."""
    mismatched: bool = True
    """Where pictures are drawn of more than a class: real images with the condition of another one
    count as fakes, too (matching-aware, Reed et al. 2016, section 4.1)."""
    loss: Literal["logistic", "relativistic"] = "logistic"
    """logistic: each image is judged by itself, with R1 (Mescheder et al. 2018); relativistic:
    real ones against drawn ones, with R1 and R2 (Huang et al. 2024)."""
    gradient_penalty: Annotated[float, Field(gt=0)] | None = None
    """Weight gamma of R1 and R2; null: 0.0002 * resolution^2 / batch."""
    penalty_every: Annotated[int, Field(ge=1)] = 16
    """Steps between two gradient penalties, each as much stronger (Karras et al. 2020)."""
    augment: tuple[Literal["translate", "cutout", "colour", "geometric"], ...] = ("translate",)
    """What is done to the images that the discriminator sees, real or drawn (Zhao et al. 2020).
    Where colour is what the images are about, leave it out. geometric mirrors, turns, scales,
    rotates, stretches and shifts, and needs augment_target."""
    augment_target: Annotated[float, Field(gt=0, lt=1)] | None = None
    """null: all images are augmented. A number: a share of them, which rises while the mean sign
    of the logits of real images is higher than this (Karras et al. 2020, who take 0.6)."""
    augment_ramp_kimg: Annotated[float, Field(gt=0)] = 500.0
    """Thousands of images in which that share could rise from none to all."""
    minibatch_std_group: Annotated[int, Field(ge=1)] = 4
    """Images over which the minibatch standard deviation is taken."""

    @model_validator(mode="after")
    def _fits_together(self) -> ResidualTrain:
        if self.batch % self.minibatch_std_group:
            raise ValueError(
                f"batch: minibatch_std_group compares {self.minibatch_std_group} images; "
                f"{_multiple(self.batch, self.minibatch_std_group)}"
            )
        if 2 * self.channels_base < self.resolution:
            raise ValueError("channels_base leaves no channel at this resolution")
        if (self.condition == "sheet") != bool(self.sheet):
            raise ValueError(
                "sheet: names what condition: sheet draws of, and neither is there without the "
                "other; write both, such as sheet: [Dial, Case diameter], or neither"
            )
        if len({name.casefold() for name in self.sheet}) < len(self.sheet):
            raise ValueError("sheet: names a column twice; leave one out")
        if "geometric" in self.augment and self.augment_target is None:
            raise ValueError(
                "augment: geometric, done to all images, would be learnt; set augment_target, to "
                "0.6 say, or leave it out"
            )
        if self.augment_target is not None and self.loss == "relativistic":
            raise ValueError(
                "augment_target needs loss: logistic; a relativistic logit by itself means nothing"
            )
        return self

    @model_validator(mode="after")
    def _captions_can_be_made(self) -> ResidualTrain:
        if (self.condition == "text") != (self.caption is not None):
            raise ValueError(
                "caption: says how captions are made for condition: text, and neither is there "
                "without the other; write both, such as caption: '{creator_name}, {title}', or "
                "neither"
            )
        if self.caption is not None:
            template_of(self.caption)
        return self

    @property
    def tells_classes(self) -> bool:
        """Whether artists or brands are told apart."""
        return self.condition == "creator"

    @property
    def vectors_of(self) -> str | None:
        """What vectors that pictures are drawn of stand for, if they are drawn of any."""
        return None if self.tells_classes else self.condition

    @property
    def inseparable(self) -> int:
        """A group whose standard deviation is taken."""
        return self.minibatch_std_group

    @property
    def gamma(self) -> float:
        """The weight of the gradient penalties."""
        if self.gradient_penalty is not None:
            return self.gradient_penalty
        return 0.0002 * self.resolution**2 / self.batch


Train = Annotated[DcganTrain | ProganTrain | ResidualTrain, Field(discriminator="model")]
