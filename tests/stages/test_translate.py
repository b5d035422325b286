"""`salon translate` and `salon evaluate-translation` as a user runs them."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import yaml
from PIL import Image

from pipeline.core import tables
from pipeline.core.errors import (
    BusyError,
    FilesError,
    ParamsError,
    TrainingError,
    UsageError,
)
from pipeline.core.files import exclusive
from pipeline.core.paths import Paths, TranslationPaths
from pipeline.core.schema import VARIANTS
from pipeline.stages import check
from pipeline.versions.lock import Lock
from tests.stages.translated import ok, refused, salon, train_and_judge
from tests.train import pairs, small

SALON: Final = Path(sys.executable).with_name("salon")


def _published(paths: TranslationPaths) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for folder in (paths.model, paths.evaluation)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TranslationPaths:
    """A translation that was trained and judged."""
    return train_and_judge(pairs.build(tmp_path_factory.mktemp("trained")))


def test_what_is_promised_is_published(trained: TranslationPaths) -> None:
    expected = {"generator.safetensors", "model.json", "history.csv", "health.json"}
    expected |= {"sample_metrics.csv", "samples/000000000.png", "samples/000000060.png"}
    expected |= {"film_strip.png", "curves/l1.csv", "evaluation.json"}
    expected |= {"sheets/pairs.png", "sheets/worst.png"}
    assert expected <= _published(trained).keys()
    results = json.loads((trained.evaluation / "evaluation.json").read_text())
    assert results["pairs"] == {"count": 42, "split": "held_out"}
    for number in ("psnr", "ssim"):
        assert results[number].keys() == {"translated", "trivial", "mean_colour"}
    for distance in ("kid", "kid_mobilenet", "sliced_wasserstein"):
        assert results[distance].keys() == {"translated", "trivial", "floor"}
    page = trained.report.read_text()
    assert f"{results['psnr']['translated']:.2f} dB" in page
    assert "What is missing inside a picture is filled in: task holes" in page
    assert "Images that the model never saw" in page


def test_model_and_status_tell_of_it(trained: TranslationPaths) -> None:
    told = ok(trained.root, "model", pairs.NAME)
    assert "paired translation, holes at 32 px" in told
    assert "Fair use (12 images)" in told
    status = " ".join(ok(trained.root, "status").split())
    assert "mended pairs holes of paintings at 32 px model 0.06 kimg of pairs PSNR" in status
    answer = json.loads(ok(trained.root, "status", "--json"))
    assert answer["translations"][pairs.NAME]["kimg"] == 0.06
    error = refused(trained.root, "generate", pairs.NAME, "--out", "grid.png")
    assert "makes pictures of pictures, and none of nothing; use `salon translate`" in str(error)


def test_a_version_tells_translations_from_collections() -> None:
    lock = Lock({"select@paintings": {}, "translate@mended": {}, "evaluate-translation@mended": {}})
    assert (lock.collections, lock.translations) == (("paintings",), ("mended",))


def _wait_for_checkpoint(paths: TranslationPaths, process: subprocess.Popen[str]) -> None:
    while process.poll() is None:
        if any(paths.work.glob("*/checkpoint-*.safetensors")):
            return
        time.sleep(0.02)
    pytest.fail(f"training ended by itself: {process.stderr and process.stderr.read()}")


def test_killed_it_ends_with_the_same_bytes(trained: TranslationPaths, tmp_path: Path) -> None:
    paths = pairs.build(tmp_path)
    process = subprocess.Popen(
        [str(SALON), "translate", pairs.NAME], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    _wait_for_checkpoint(paths, process)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    ok(tmp_path, "translate", pairs.NAME)
    judged = {"evaluation.json", "sheets/pairs.png", "sheets/worst.png"}
    whole = {name: data for name, data in _published(trained).items() if name not in judged}
    assert _published(paths) == whole


def test_two_processes_do_not_meet(trained: TranslationPaths) -> None:
    with exclusive(trained.work / "lock", what="this test"):
        error = refused(trained.root, "translate", pairs.NAME)
    assert isinstance(error, BusyError)
    assert "another process works on training of translation mended" in str(error)


def test_it_starts_warm(trained: TranslationPaths, tmp_path: Path) -> None:
    paths = pairs.build(tmp_path, warm_start="first.safetensors", kimg=0.004)
    error = refused(tmp_path, "translate", pairs.NAME)
    assert "translations.mended.warm_start: first.safetensors is missing" in str(error)
    kept = max(trained.work.glob("*/checkpoint-*.safetensors"))
    (tmp_path / "first.safetensors").write_bytes(kept.read_bytes())
    ok(tmp_path, "translate", pairs.NAME)
    assert "first.safetensors" in (paths.model / "model.json").read_text()
    pairs.write(tmp_path, {pairs.NAME: pairs.PAIRED | {
        "warm_start": "first.safetensors", "channels": 8,
    }})  # fmt: skip
    error = refused(tmp_path, "translate", pairs.NAME)
    assert "holds the weights of other networks; name a checkpoint of a U-Net" in str(error)


def _handed_in(folder: Path) -> Path:
    """Pictures as people have them: wide, turned, clear in places, torn, no picture."""
    folder.mkdir()
    picture = Image.fromarray(small.pictures(1, 64)[0])
    clear = picture.resize((96, 64)).convert("RGBA")
    clear.paste((0, 0, 0, 0), (40, 20, 60, 40))
    clear.save(folder / "wide.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    clear.save(folder / "turned.png", exif=turned)
    picture.save(folder / "whole.png")
    data = io.BytesIO()
    picture.save(data, "PNG")
    (folder / "torn.png").write_bytes(data.getvalue()[:100])
    (folder / "letter.txt").write_text("no picture")
    (folder / ".hidden").write_text("not looked at")
    os.mkfifo(folder.with_name("pipe.png"))
    return folder


def test_files_and_folders_are_translated(trained: TranslationPaths, tmp_path: Path) -> None:
    folder, out = _handed_in(tmp_path / "in"), tmp_path / "out"
    apart = [str(tmp_path / name) for name in ("gone.png", "pipe.png")]
    error = refused(trained.root, "translate", pairs.NAME, str(folder), *apart, "--out", str(out))
    assert isinstance(error, FilesError)
    told = str(error)
    assert f"{folder / 'letter.txt'}: cannot be read (" in told
    assert f"{folder / 'torn.png'}: cannot be read (" in told
    assert f"{tmp_path / 'gone.png'}: cannot be read (No such file or directory)" in told
    assert f"{tmp_path / 'pipe.png'}: cannot be read (no file and no folder)" in told
    assert f"{folder / 'whole.png'}: nothing of it is clear, so nothing is missing" in told
    assert len(told.splitlines()) == 5
    assert sorted(path.name for path in out.iterdir()) == ["turned.png", "wide.png"]
    made = {path.stem: np.asarray(Image.open(path)) for path in out.iterdir()}
    given = Image.open(folder / "wide.png").convert("RGB").crop((16, 0, 80, 64))
    square = np.asarray(given.resize((32, 32), Image.Resampling.LANCZOS))
    assert made["wide"].shape == (32, 32, 3)
    assert np.array_equal(made["wide"][:, :8], square[:, :8]), "known pixels stay"
    # Lines are resized before columns, so the last bit depends on the turn.
    apart = np.abs(made["turned"].astype(int) - np.rot90(square, -1))
    assert apart[:8].max() <= 2, "EXIF turns it"


def test_derived_inputs_are_made_of_whole_pictures(
    trained: TranslationPaths, tmp_path: Path
) -> None:
    picture = tmp_path / "whole.png"
    Image.fromarray(small.pictures(1, 64)[0]).save(picture)
    weights = str(trained.model / "generator.safetensors")
    ok(tmp_path, "translate", weights, str(picture), "--derive", "--out", "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["whole.png"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nosuch",), "no translation 'nosuch' in params.yaml; there are: mended"),
        (("mendet", "a.png", "--out", "b"), "did you mean 'mended'?"),
        (("mended", "a.png", "--out", "."), "--out: . is there already; name a folder that is"),
        (("mended", "empty", "--out", "params.yaml"), "--out: params.yaml is there already; name"),
        (("mended", "empty", "--out", "params.yaml/b/c"), "params.yaml is a file, so nothing can"),
        (("mended", "empty", "--out", "b"), "empty: no file to translate"),
        (("mended", "empty/../a.png", "a.jpg", "--out", "b"), "would both be a.png"),
        (("mended", "a.png"), "name the folder for what is made by --out"),
        (("mended", "--out", "b"), "name the pictures to translate, as files or folders"),
    ],
)
def test_a_wrong_command_is_one_sentence(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    pairs.build(tmp_path)
    (tmp_path / "empty").mkdir()
    done = salon(tmp_path, "translate", *words)
    assert done.exit_code == UsageError.exit_code or isinstance(done.exception, UsageError)
    assert says in f"{done.output}{done.exception}"
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"collection": "painting", "target": "painting"},
            ".collection: there is no collection 'painting' (did you",
        ),
        ({"resolution": 256}, ".resolution is 256, and the largest of ingest.sizes of paintings"),
        ({"task": "colour"}, ".task: Input should be 'edges', 'grey', 'holes', 'border' or 'small"),
        ({"kind": "unpared"}, ".kind: name one of paired, unpaired, not 'unpared' (did you mean"),
        ({"target": "drawings"}, ": target is 'drawings', and pairs are made of one collection"),
        ({"l1_weigth": 3.0}, ".l1_weigth: there is no such key (did you mean"),
        ({"l1_weight": 0.0, "adversarial_weight": 0.0}, "are both 0, so nothing would be learnt"),
        ({"patch_halvings": 4}, "4 leave maps of less than 4 pixels at resolution 32"),
        ({"warm_start": "base:fields-64"}, "there are no bases for translations"),
    ],
)
def test_a_wrong_param_is_told_before_anything_is_removed(
    changes: dict[str, Any], says: str, tmp_path: Path
) -> None:
    paths = pairs.build(tmp_path, **changes)
    for command in ("translate", "evaluate-translation"):
        error = refused(tmp_path, command, pairs.NAME)
        assert isinstance(error, ParamsError)
        assert f"params.yaml: translations.{pairs.NAME}" in str(error)
        assert says in str(error)
    with pytest.raises(ParamsError, match=r"translations\.mended"):
        check.run(paths.source)


def test_a_wrong_translation_stops_its_own_collection_only(tmp_path: Path) -> None:
    paths = pairs.build(tmp_path, collection="drawings", target="drawings", task="colour")
    file = tmp_path / "params.yaml"
    content = yaml.safe_load(file.read_text())
    content["collections"]["drawings"] = content["collections"][small.COLLECTION]
    file.write_text(yaml.safe_dump(content))
    check.run(paths.source)
    with pytest.raises(ParamsError, match=r"translations\.mended\.task"):
        check.run(Paths(tmp_path, "drawings"))


def test_a_translation_is_not_called_like_a_collection(tmp_path: Path) -> None:
    pairs.build(tmp_path)
    pairs.write(tmp_path, {small.COLLECTION: pairs.PAIRED})
    error = refused(tmp_path, "translate", small.COLLECTION)
    assert "translations.paintings: a collection has this name, too" in str(error)


def test_nothing_to_train_on_is_one_sentence(tmp_path: Path) -> None:
    paths = pairs.build(tmp_path)
    table = paths.source.table("variants")
    tables.write(table, VARIANTS, tables.from_rows(VARIANTS, []))
    error = refused(tmp_path, "translate", pairs.NAME)
    assert isinstance(error, TrainingError)
    assert f"{table}: no image is left to train on; see" in str(error)
    table.unlink()
    assert f"{table}: missing" in str(refused(tmp_path, "translate", pairs.NAME))
