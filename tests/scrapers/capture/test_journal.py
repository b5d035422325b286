"""The manifest is the journal in the order of the plan, made of it a part at a time."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core import tables
from pipeline.core.errors import TableError
from pipeline.core.schema import MANIFEST, Fetch
from scrapers.capture.journal import END, Journal, Row, write_manifest

WRITE = """
import sys
from pathlib import Path
import pyarrow
from scrapers.capture.journal import write_manifest
write_manifest(Path(sys.argv[1]), Path(sys.argv[2]))
print(pyarrow.default_memory_pool().max_memory(), "pandas" in sys.modules)
"""


def row(seq: int) -> Row:
    return dict.fromkeys(MANIFEST.arrow.names) | {
        "seq": seq,
        "kind": "image",
        "url": f"https://uploads.example.org/images/a-work-{seq}.jpg",
        "address": "http://127.0.0.1:4001",
        "fetch": Fetch.FETCHED,
        "bytes": 500,
        "fetched_at": "2026-05-04T00:00:00+00:00",
        "elapsed_ms": 3,
        END: 512 * seq,
    }


def journal_of(path: Path, seqs: list[int]) -> Path:
    journal = Journal(path)
    for seq in seqs:
        journal.append(row(seq))
    journal.close()
    return path


def belated(rows: int, by: int) -> list[int]:
    """The first numbers in an order in which none is more than ``by`` places late."""
    chance = random.Random(5)
    return sorted(range(rows), key=lambda seq: seq + chance.uniform(0, by))


def test_the_manifest_depends_on_the_rows_and_not_on_when_they_came(tmp_path: Path) -> None:
    orders = [belated(7_000, by) for by in (0, 40, 7_000)]
    made = []
    for number, order in enumerate(orders):
        manifest = tmp_path / f"{number}.parquet"
        write_manifest(journal_of(tmp_path / f"{number}.jsonl", order), manifest)
        made.append(manifest.read_bytes())
    expected = [{name: row(seq)[name] for name in MANIFEST.arrow.names} for seq in range(7_000)]
    assert tables.read(tmp_path / "0.parquet", MANIFEST).to_pylist() == expected
    assert made == [made[0]] * 3


def test_an_empty_journal_is_an_empty_manifest(tmp_path: Path) -> None:
    write_manifest(journal_of(tmp_path / "journal", []), tmp_path / "manifest")
    assert tables.read(tmp_path / "manifest", MANIFEST).num_rows == 0


@pytest.mark.parametrize("seqs", [[0, 1, 1, 2], [*range(3_000), 5]])
def test_two_rows_for_one_request_are_refused(tmp_path: Path, seqs: list[int]) -> None:
    with pytest.raises(TableError, match="not in the order of their key"):
        write_manifest(journal_of(tmp_path / "journal", seqs), tmp_path / "manifest")
    assert not (tmp_path / "manifest").exists()


def test_many_times_the_rows_need_no_more_memory(tmp_path: Path) -> None:
    peaks = []
    for rows in (5_000, 25_000):
        journal = journal_of(tmp_path / "journal", belated(rows, 40))
        command = [sys.executable, "-c", WRITE, str(journal), str(tmp_path / "manifest")]
        told = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
        peak, has_pandas = told.split()
        assert has_pandas == "False"
        peaks.append(int(peak))
        journal.unlink()
    assert peaks[1] < 1.1 * peaks[0]
