"""Every command of README and docs, typed by a reader in a small project of theirs."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import preloaded
from tests.docs.blocks import PAGES, ROOT, Command, blocks, consoles, named_in_prose
from tests.docs.command_line import objection
from tests.docs.reader import Reader, missing_lines
from tests.docs.reading import read_through, words_of
from tests.docs.stand_ins import (
    AFTER,
    ANOTHERS_PROGRAMS,
    BEGINS,
    CULLING,
    MEANWHILE,
    NOT_RUN,
    SERVED,
    STARTED,
    TYPED_THERE,
)
from tests.finished_project import copy_of
from tests.project import Project

pytestmark = pytest.mark.timeout(900)

RUNNING = re.compile(r"Running stage '([^']+)'")
CACHED = re.compile(r"Stage '([^']+)' is cached")


@pytest.fixture(scope="module")
def s3() -> Iterator[None]:
    """An S3 server with a bucket named ``bucket``, where boto's settings name it."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patched:
        for name, value in settings.items():
            patched.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="bucket")
        yield
    server.stop()


@pytest.mark.parametrize("page", sorted(set(BEGINS) - {CULLING}))
@pytest.mark.usefixtures("s3")
def test_a_reader_can_type_every_command(page: str, project: Project, tmp_path: Path) -> None:
    typed = read_through(page, project, tmp_path / "home")
    assert typed
    assert {words for served, words in SERVED if served == page} <= set(typed)


def test_three_keys_are_three_pictures_fewer(culled: Project) -> None:
    """The tutorial was followed to its end: the lists, the tables and the model have changed."""
    lines = (culled.root / "curation" / "lists" / "remove.txt").read_text().splitlines()
    assert len([line for line in lines if line and not line.startswith("#")]) == 3
    changed = set(culled.run("git", "diff", "HEAD", "--name-only").stdout.split())
    assert changed == {"curation/lists/remove.txt", "dvc.lock"}
    said = culled.run("salon", "diff", "v1", "--collection", "paintings").stdout
    assert "3 left" in " ".join(said.split())
    assert "the same weights" not in said


def test_taking_the_lines_out_again_brings_the_model_back_without_training(
    first: Project, culled: Project, tmp_path: Path
) -> None:
    project = copy_of(culled, tmp_path / "project")
    weights = Path("models", "paintings", "generator.safetensors")
    assert (project.root / weights).read_bytes() != (first.root / weights).read_bytes()
    project.run("git", "checkout", "--quiet", "curation/lists")
    said = project.run("dvc", "repro").stdout
    assert RUNNING.findall(said) == []
    assert "train@paintings" in CACHED.findall(said)
    assert (project.root / weights).read_bytes() == (first.root / weights).read_bytes()


def _commands() -> dict[str, Command]:
    """Every command in a console block, by its place."""
    return {
        f"{page}:{command.line}": command
        for page in PAGES
        for block in consoles(page)
        for command in block.commands()
    }


def _typed(page: str) -> set[str]:
    """The commands of a page, without what is said of them behind `#`."""
    return {words_of(command) for block in consoles(page) for command in block.commands()}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_run_or_said_why_not(page: str) -> None:
    typed = _typed(page)
    typed_there = {words for here, words in TYPED_THERE if here == page}
    assert page in BEGINS or typed <= {*NOT_RUN, *typed_there}


@pytest.mark.parametrize(("page", "words"), TYPED_THERE)
def test_what_is_typed_on_another_page_stands_on_both(page: str, words: str) -> None:
    there = TYPED_THERE[page, words]
    assert words in _typed(page)
    assert words in _typed(there)
    assert there in BEGINS
    assert (there, words) not in TYPED_THERE


def test_what_is_not_run_stands_on_a_page() -> None:
    """A reason outlives its command easily."""
    typed = {page: _typed(page) for page in PAGES}
    assert set(NOT_RUN) <= set().union(*typed.values())
    places = (*SERVED, *STARTED, *MEANWHILE, *AFTER)
    assert [place for place in places if place[1] not in typed[place[0]]] == []


def _parts(line: str) -> list[str]:
    """The commands that a line joins by `&&`, without what they are told by variables."""
    bare = re.sub(r"^(?:[A-Z_]+=\S+ )+", "", line.partition("  #")[0])
    return [part.partition(" > ")[0].strip() for part in bare.split("&&")]


@pytest.mark.parametrize("place", _commands())
def test_a_command_names_only_what_exists(place: str) -> None:
    for part in _parts(_commands()[place].text):
        if part.split()[0] not in (*ANOTHERS_PROGRAMS, "cd"):
            assert objection(part) is None


@pytest.mark.parametrize("page", PAGES)
def test_prose_names_only_commands_that_exist(page: str) -> None:
    wrong = {command: objection(command) for command in named_in_prose(page)}
    assert {command: said for command, said in wrong.items() if said} == {}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("salon scrap paintings", "no command 'scrap'"),
        ("salon diff v1 v2 --htm x", "No such option"),
        ("salon site drafft", "no command 'drafft'"),
        ("dvc rapro", "invalid choice"),
        ("dvc push --al", "ambiguous option"),
        ("dvc push --everything", "unrecognized"),
        ("make runn", "no target runn"),
        ("python -m tests.benches.nothing", "no module"),
        ("dask worker --nthrads 1", "No such option"),
        ("torchrun --nproc 2 --no-python salon train x", "ambiguous option"),
        ("torchrun --nproc-per-node 2 --no-python salon trian x", "no command 'trian'"),
    ],
)
def test_a_misspelt_command_is_objected_to(line: str, says: str) -> None:
    assert says in (objection(line) or "")


@pytest.mark.parametrize("line", ["salon --version", "salon funnel nothing", "dvc status"])
def test_a_preloaded_command_says_and_ends_as_a_new_interpreter_does(
    line: str, tmp_path: Path
) -> None:
    project = Project(tmp_path)
    ended = [
        subprocess.run(
            ["bash", "-c", f"cat; {line}"],
            cwd=tmp_path,
            env=project.environment({"PYTHONPATH": str(ROOT), **variables}),
            input="typed\n",
            capture_output=True,
            text=True,
            check=False,
        )
        for variables in ({}, preloaded.path())
    ]
    assert len({(done.returncode, done.stdout, done.stderr) for done in ended}) == 1
    assert ended[0].stdout.startswith("typed")


def test_a_wrong_command_or_answer_is_seen(tmp_path: Path) -> None:
    """What the runner is for: it sees a command that fails, and an answer that never came."""
    reader = Reader(Project(tmp_path), tmp_path)
    said = reader.type(Command(1, "mkdir below && cd below && echo kept 12 of 30, and more", ()))
    assert reader.directory == tmp_path / "below"
    assert missing_lines(["kept  158 of 240, ..."], said) == []
    assert missing_lines(["left 158 of 240"], said) == ["left 158 of 240"]
    with pytest.raises(AssertionError, match="exit 3"):
        reader.type(Command(1, "exit 3", ()))
    with pytest.raises(AssertionError, match="exit 1"):
        reader.type(Command(1, "false | cat", ()))
    with pytest.raises(AssertionError, match="without an address"):
        reader.serve(Command(1, f"echo {os.getpid()}", ()), lambda _: None)


def test_every_console_block_begins_with_a_command() -> None:
    for page in PAGES:
        for block in blocks(page):
            if block.language == "console":
                assert list(block.commands()), block.place
