"""Archives, folders and tables made to do harm, or broken: refused in a sentence, and soon."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.core.errors import FilesError, ParamsError, UnmatchedError
from scrapers.files.containers import member
from tests.scrapers.files.sets import as_csv, as_parquet, jpeg, put, tar_of
from tests.scrapers.files.test_sets import captured, told

SOON_S: Final = 20.0


def zip_of(path: Path, files: dict[str, bytes], mode: int = 0o644) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return path


def tar_link(target: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("a/link.jpg")
        info.type, info.linkname = tarfile.SYMTYPE, target
        archive.addfile(info)
    return buffer.getvalue()


def link(root: Path, target: Path) -> Path:
    put(root, {"a.jpg": jpeg(0)})
    (root / "b.jpg").symlink_to(target)
    return root


def overlapping(path: Path) -> Path:
    """Two entries of the directory over one and the same stream."""
    zip_of(path, {"a.jpg": jpeg(0) * 50, "b.jpg": jpeg(1) * 50})
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\1\2")
    second = data.index(b"PK\1\2", first + 4)
    data[second + 42 : second + 46] = struct.pack("<L", 4)
    path.write_bytes(bytes(data))
    return path


def declaring(path: Path, size: int) -> Path:
    """A directory that announces more than there is."""
    zip_of(path, {"a.jpg": jpeg(0)})
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\1\2")
    data[entry + 24 : entry + 28] = struct.pack("<L", size)
    path.write_bytes(bytes(data))
    return path


def encrypted(path: Path) -> Path:
    zip_of(path, {"a.jpg": jpeg(0)})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(bytes(data))
    return path


def packed_by(path: Path, method: int) -> Path:
    """A member that is packed in a way that Python cannot read, as AES and Deflate64 are."""
    zip_of(path, {"a.jpg": jpeg(0)})
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\1\2")
    data[entry + 10 : entry + 12] = struct.pack("<H", method)
    path.write_bytes(bytes(data))
    return path


def gzip_bomb(path: Path) -> Path:
    """A member that is announced longer than all that may come out."""
    with gzip.open(path, "wb", compresslevel=9) as file:
        head = tarfile.TarInfo("zeros.jpg")
        head.size = 32 << 20
        file.write(head.tobuf() + bytes(32 << 20))
    return path


def parquet_bomb(path: Path) -> Path:
    """One large value, named by a dictionary in each of many rows."""
    large = jpeg(0) + bytes(1 << 20)
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), [large])
    pq.write_table(pa.table({"image": column}), path, store_schema=False, compression="zstd")
    return path


HOSTILE: Final[dict[str, tuple[Callable[[Path], Path], str]]] = {
    "zip that climbs": (lambda p: zip_of(p / "x.zip", {"../../up.jpg": jpeg(0)}), "leads out of"),
    "zip, absolute": (lambda p: zip_of(p / "x.zip", {"/etc/a.jpg": jpeg(0)}), "leads out of"),
    "zip of Windows": (lambda p: zip_of(p / "x.zip", {"..\\..\\a.jpg": jpeg(0)}), "leads out of"),
    "zip, drive": (lambda p: zip_of(p / "x.zip", {"C:\\a.jpg": jpeg(0)}), "leads out of"),
    "zip, overlapping": (lambda p: overlapping(p / "x.zip"), "lies over the file before it"),
    "zip, huge": (lambda p: declaring(p / "x.zip", 4_000_000_000), "no pictures shrink like that"),
    "zip, encrypted": (lambda p: encrypted(p / "x.zip"), "is encrypted"),
    "zip, Deflate64": (lambda p: packed_by(p / "x.zip", 9), "is packed by method 9, which cannot"),
    "zip, torn": (
        lambda p: (
            put(p, {"x.zip": zip_of(p / "y", {"a.jpg": jpeg(0)}).read_bytes()[:-9]}) / "x.zip"
        ),
        "torn, or not what its name says",
    ),
    "tar that climbs": (
        lambda p: put(p, {"x.tar": tar_of({"a/../../up.jpg": jpeg(0)})}) / "x.tar",
        "leads out of",
    ),
    "tar, link": (
        lambda p: put(p, {"x.tar": tar_link("../../etc/passwd")}) / "x.tar",
        "out of the archive",
    ),
    "tar, cut": (
        lambda p: put(p, {"x.tar": tar_of({"a.jpg": jpeg(0)})[:900]}) / "x.tar",
        "torn",
    ),
    "tar, cut between members": (
        lambda p: put(p, {"x.tar": tar_of({"a.jpg": b"x" * 512})[:1024]}) / "x.tar",
        "ends before its end mark",
    ),
    "tars in a row": (
        lambda p: put(p, {"x.tar": tar_of({"a.jpg": jpeg(0)}) * 2}) / "x.tar",
        "more stands behind its end",
    ),
    "tar.gz, bomb": (lambda p: gzip_bomb(p / "x.tar.gz"), "no pictures shrink like that"),
    "parquet, bomb": (lambda p: parquet_bomb(p / "x.parquet"), "no pictures shrink like that"),
    "parquet, torn": (
        lambda p: put(p, {"x.parquet": as_parquet([{"image": jpeg(0)}])[:-9]}) / "x.parquet",
        "torn, or not what its name says",
    ),
    "folder, link out": (lambda p: link(p / "set", Path("/etc/hostname")), "leads out of"),
    "folder, link up": (lambda p: link(p / "set", Path("..")), "leads out of"),
    "table that climbs": (
        lambda p: put(p, {"a.jpg": jpeg(0), "t.csv": as_csv([{"path": "../../etc/passwd"}])}),
        "t.csv, row 1: names ../../etc/passwd, which leads out of",
    ),
    "table, absolute": (
        lambda p: put(p, {"a.jpg": jpeg(0), "t.csv": as_csv([{"path": "/etc/passwd"}])}),
        "which leads out of",
    ),
    "table, torn": (
        lambda p: put(p, {"a.jpg": jpeg(0), "t.jsonl": b'{"path": "a.jpg"}\n{"path": "b'}),
        "t.jsonl: cannot be read as a table (line 2",
    ),
    "table, nested deep": (
        lambda p: put(p, {"a.jpg": jpeg(0), "t.json": b"[" * 100_000}),
        "t.json: cannot be read as a table",
    ),
    "nothing": (lambda p: p / "nowhere", "there is nothing; set scrape.path"),
    "no picture": (lambda p: put(p, {"a.md": b"x"}), "holds no picture (1 other file)"),
    "a text": (lambda p: put(p, {"a.md": b"x"}) / "a.md", "neither a folder nor an archive"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_would_do_harm_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member, "FREE_BYTES", 16 << 20)  # a bomb of a gigabyte takes long to make
    make, says = HOSTILE[name]
    (tmp_path / "in").mkdir()
    path = make(tmp_path / "in")
    started = time.monotonic()
    with pytest.raises(FilesError) as caught:
        captured(path, tmp_path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == FilesError.exit_code
    assert time.monotonic() - started < SOON_S
    assert not (tmp_path / "captures").exists(), "nothing is begun before everything was looked at"


def test_one_name_twice_in_an_archive_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for number in range(2):
            info = tarfile.TarInfo("a.jpg")
            info.size = len(jpeg(number))
            archive.addfile(info, io.BytesIO(jpeg(number)))
    put(tmp_path, {"x.tar": buffer.getvalue()})
    with pytest.raises(FilesError, match=r"holds 'a\.jpg' twice"):
        captured(tmp_path / "x.tar", tmp_path)


def test_what_does_not_fit_is_counted_and_named(tmp_path: Path) -> None:
    table = as_csv([{"file": f"{n}.jpg", "artist": "A"} for n in (1, 2, 7, 8, 9, 10)])
    files = {f"{n}.jpg": jpeg(n) for n in (0, 1, 2)}
    put(tmp_path / "set", {**files, "t.csv": table, "song.ogg": b"OggS", "README.md": b"x"})
    os.mkfifo(tmp_path / "set" / "pipe")
    with pytest.raises(UnmatchedError) as caught:
        captured(tmp_path / "set", tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/set: 4 rows without a file (7.jpg, 8.jpg, 9.jpg, ...); 1 file without a row "
        f"(0.jpg); 2 files of unknown kind (pipe: no regular file, song.ogg); correct them, or set "
        f"scrape.allow_unmatched: true to capture what is there"
    )
    assert caught.value.exit_code == 35
    held = captured(tmp_path / "set", tmp_path, allow_unmatched=True)
    assert held.description.counts["image"] == {"fetched": 3, "gone": 4}
    assert len(told(held)) == 3


def test_documents_that_are_not_the_sets_own_do_not_pass_unnamed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = {f"{n}.jpg": jpeg(n) for n in (0, 1)} | {"0.txt": b"A mill", "1.txt": b"A barn"}
    own = {"README.md": b"x", "LICENSE": b"x", "license.pdf": b"%PDF-1.7"}
    put(tmp_path / "set", held | own | {"letter.txt": b"Dear Ana,"})
    captured(tmp_path / "set", tmp_path)
    assert (
        "2 pictures, 0 tables, 2 texts beside pictures, 4 files passed over (LICENSE, README.md, "
        "letter.txt, ...)"
    ) in capsys.readouterr().err
    put(tmp_path / "other", held | own | {"a/invoice.pdf": b"%PDF-1.7"})
    with pytest.raises(UnmatchedError, match=r"1 file of unknown kind \(a/invoice\.pdf\)"):
        captured(tmp_path / "other", tmp_path)


def test_a_table_that_names_no_picture_is_told_with_the_column_that_does(tmp_path: Path) -> None:
    """As a spreadsheet in German writes it; else titles and rights would be lost without a word."""
    table = "\ufeffTitel;Dateiname\r\nHafen;a b.jpg\r\n".encode()
    put(tmp_path / "set", {"ä/a b.jpg": jpeg(0), "Übersicht.csv": table, "empty.csv": b"file\n"})
    with pytest.raises(UnmatchedError) as caught:
        captured(tmp_path / "set", tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/set: 1 table that names no picture (Übersicht.csv); its column Dateiname "
        f"does, so write scrape.columns: {{file: Dateiname}}; correct them, or set "
        f"scrape.allow_unmatched: true to capture what is there"
    )
    held = captured(tmp_path / "set", tmp_path, columns={"file": "Dateiname"})
    assert [fact["title"] for fact in told(held, {"title": "Titel"}).values()] == ["Hafen"]
    put(tmp_path / "set", {"Übersicht.csv": b"Titel\r\nHafen\r\n"})
    with pytest.raises(UnmatchedError, match=r"no picture \(Übersicht\.csv\); correct them"):
        captured(tmp_path / "set", tmp_path)


def test_columns_that_no_table_has_are_named_before_anything_is_captured(tmp_path: Path) -> None:
    put(tmp_path / "set", {"a.jpg": jpeg(0), "t.csv": as_csv([{"Bild": "a.jpg", "sum": "0"}])})
    for columns in ({"file": "bidl"}, {"file": "bild", "md5": "smu"}):
        with pytest.raises(
            ParamsError, match=r"did you mean '(Bild|sum)'\?\); there are: Bild, sum"
        ):
            captured(tmp_path / "set", tmp_path, columns=columns)
    assert not (tmp_path / "captures").exists()


def test_a_row_that_lacks_one_of_its_files_is_counted(tmp_path: Path) -> None:
    row = {"a_file_name": "1.jpg", "b_file_name": "2.jpg"}
    put(tmp_path / "set", {"1.jpg": jpeg(1), "t.csv": as_csv([row])})
    with pytest.raises(UnmatchedError, match=r"1 row without a file \(2\.jpg\)"):
        captured(tmp_path / "set", tmp_path)


def test_what_is_too_long_or_empty_is_a_failed_row(tmp_path: Path) -> None:
    long = jpeg(0) + bytes(2_000_000)
    put(tmp_path / "set", {"a.jpg": long, "b.jpg": b"", "c.jpg": jpeg(1), "d": jpeg(2)})
    held = captured(tmp_path / "set", tmp_path, max_image_mb=1.0)
    errors = {row["url"]: row["error"] for row in held.manifest().to_pylist()}
    assert errors == {
        "file:a.jpg": "longer than the 1,000,000 bytes allowed",
        "file:b.jpg": "an empty file",
        "file:c.jpg": None,
        "file:d": None,
    }


@pytest.mark.parametrize("kind", ["sha256", "md5"])
def test_files_are_held_against_a_digest(tmp_path: Path, kind: str) -> None:
    right = hashlib.new(kind, jpeg(0)).hexdigest().upper()
    table = as_csv([{"file": "a.jpg", "sum": right}, {"file": "b.jpg", "sum": right}])
    put(tmp_path / "set", {"a.jpg": jpeg(0), "b.jpg": jpeg(1), "t.csv": table})
    held = captured(tmp_path / "set", tmp_path, columns={kind: "sum"})
    errors = {row["url"]: row["error"] for row in held.manifest().to_pylist()}
    assert errors["file:a.jpg"] is None
    assert errors["file:b.jpg"] == f"its {kind} is not the one of its row, {right.lower()}"
    assert len(told(held)) == 1


def test_a_link_inside_of_the_folder_is_read(tmp_path: Path) -> None:
    put(tmp_path / "set", {"real/a.jpg": jpeg(0)})
    (tmp_path / "set" / "b.jpg").symlink_to("real/a.jpg")
    (tmp_path / "set" / "loop").symlink_to(".")
    held = captured(tmp_path / "set", tmp_path)
    assert held.description.counts["image"] == {"fetched": 2}


def test_texts_that_are_no_json_say_nothing(tmp_path: Path) -> None:
    nested = b'{"a":' * 50_000
    texts = {"a.json": nested, "b.json": b"{", "c.json": json.dumps({"title": "C"}).encode()}
    put(tmp_path / "set", {**texts, **{f"{n}.jpg": jpeg(i) for i, n in enumerate("abc")}})
    held = captured(tmp_path / "set", tmp_path, allow_unmatched=True)
    assert sorted(str(fact["title"]) for fact in told(held).values()) == ["C", "None", "None"]
