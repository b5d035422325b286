"""`salon translate`: the stage, and what its network makes of pictures."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.stage_command import run_translation_stage


@click.command("translate")
@click.argument("name")
@click.argument("pictures", nargs=-1, type=click.Path(path_type=Path), metavar="[IN]...")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), metavar="DIR",
    help="Folder for what is made: a PNG for each picture. It must not be there yet.",
)  # fmt: skip
@click.option(
    "--derive", is_flag=True,
    help="IN are whole pictures: first make of each what the training made its inputs of.",
)  # fmt: skip
@click.option(
    "--back",
    is_flag=True,
    help="IN are of the target collection: make them as if they were of the other one "
    "(kind: unpaired).",
)
def translate(
    name: str, pictures: tuple[Path, ...], out: Path | None, derive: bool, back: bool
) -> None:
    """Train a network that makes pictures of pictures, or let it make some.

    NAME is a translation of params.yaml; with IN also a file *.safetensors that somebody gave you.
    Without IN it is trained, and goes on where a stopped run left off.

    IN are files and folders. A picture of any size is turned as its EXIF data say, cut to the
    square in its middle and scaled to the translation's resolution; what is made of it has that
    size. For holes, what is missing must be clear (transparent). Nothing is overwritten; files that
    cannot be read are named, and the others are made.

    \b
    Example:
      salon translate colours
      salon translate colours scans/ letter.jpg --out coloured/
      salon translate drawings sketch.png --out painted/
      salon translate drawings photos/ --derive --out painted/
      salon translate unframed snapshot.jpg --out paintings/
      salon translate unframed print.png --back --out hung/
    """
    if not pictures:
        if out is not None or derive or back:
            raise click.UsageError("name the pictures to translate, as files or folders")
        run_translation_stage("translate", name, Path.cwd())
        return
    if out is None:
        raise click.UsageError("name the folder for what is made by --out")
    # Imported here: a help page should not wait for torch.
    from pipeline.translating import translate_files

    translate_files(_file_of(name), list(pictures), out, derive=derive, back=back)


def _file_of(name: str) -> Path:
    """The model file that ``name`` names.

    Raises:
        UsageError: it is neither a file of models nor a translation of params.yaml.
    """
    from pipeline.core.params.file import check_translation, content, translations_in
    from pipeline.core.paths import TranslationPaths
    from train.export.model_description import WEIGHTS

    if name.endswith(".safetensors"):
        return Path(name)
    root = Path.cwd()
    check_translation(name, translations_in(content(root / "params.yaml")))
    return (TranslationPaths(root, name, "", "").model / WEIGHTS).relative_to(root)
