"""`salon export`: a version of a collection for readers that know nothing of Salon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.export.formats import FORMATS, SIZES, format_of

if TYPE_CHECKING:
    from pipeline.export.export import ExportResult

# What the command needs is imported in it: a help page should not wait for pyarrow.


@click.command("export")
@click.argument("collection", required=False)
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), help="For which reader.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write."
)
@click.option("--rev", help="Tag, branch or commit to export; the workspace, if not given.")
@click.option(
    "--size", type=click.Choice(SIZES),
    help="Images as they were fetched, or squares of so many pixels; original if not given, "
    "256 for stylegan.",
)  # fmt: skip
@click.option("--variants", is_flag=True, help="Turned and mirrored squares, too.")
@click.option(
    "--rights", multiple=True, metavar="LABEL",
    help="Only images with this label of rights, may be repeated. Images without a label never "
    "leave, unless LABEL is `any`.",
)  # fmt: skip
@click.option(
    "--check", "to_check", type=click.Path(path_type=Path), metavar="DIR",
    help="Verify the export in DIR instead.",
)  # fmt: skip
def export(
    collection: str | None,
    format_: str | None,
    out: Path | None,
    rev: str | None,
    size: str | None,
    variants: bool,
    rights: tuple[str, ...],
    to_check: Path | None,
) -> None:
    """Export the images that were kept, with splits, classes, rights and page of each.

    The same version gives the same bytes, wherever it is exported. A later version exported into
    the same folder rewrites only the files that changed. Opted-out images and descriptions never
    leave.

    \b
    Example:
      salon export paintings --format folder --out out/paintings --rights "Public domain"
      salon export paintings --format webdataset --size 64 --variants --out out/shards
      salon export watches --format stylegan --size 256 --rev v2 --rights any --out out/gan
      salon export --check out/paintings
    """
    if to_check is not None:
        _check(to_check)
        return
    if collection is None or format_ is None or out is None:
        raise click.UsageError("name a COLLECTION, --format and --out (or --check DIR)")
    # Imported here: a help page should not wait for pyarrow.
    from pipeline.export.contents import ExportOptions
    from pipeline.export.export import export_version

    chosen = size or format_of(format_).sizes[0]
    asked = ExportOptions(collection, format_, chosen, variants, tuple(sorted(set(rights))))
    _tell(export_version(Path.cwd(), asked, out, rev), out)


def _tell(result: ExportResult, out: Path) -> None:
    """One line a fact, the last of which adds up."""
    from pipeline.core.log import counted, say
    from pipeline.export.wording import (
        any_rights_warning,
        export_summary,
        labels_words,
        withheld_since_warning,
    )

    contents = result.contents
    say(f"export {contents.asked.collection} ({result.source}): {export_summary(contents)}")
    if contents.refused:
        say(
            f"left behind for their label: {labels_words(contents.refused)}; "
            f"the labels of this version: {labels_words(contents.rights_of_version)}"
        )
    for why, count in contents.withheld.items():
        if why not in contents.withheld_since:
            say(f"left behind, {why}: {count:,}")
    for warning in (
        any_rights_warning(contents),
        withheld_since_warning(contents, result.source),
    ):
        if warning:
            say(warning)
    say(
        f"{out}: {counted(result.files_written, 'file')} written; what lay there already, byte "
        f"for byte, was left alone"
    )


def _check(folder: Path) -> None:
    from pipeline.commands.captures import printable
    from pipeline.core.errors import TableError
    from pipeline.core.log import counted
    from pipeline.export.integrity import check

    checked = check(folder)
    for line in [*checked.notes, *checked.problems]:
        click.echo(printable(line))
    if checked.problems:
        raise TableError(f"{folder}: {counted(len(checked.problems), 'file')} not as exported")
    click.echo(
        f"{folder}: {counted(checked.pictures, 'picture')} in {counted(checked.files, 'file')}, "
        f"each as it was written, and nothing else"
    )
