"""Where the replicas have their files, and what they are called: as on the real hosts."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

import pytest

from pipeline.core.sites import SITES
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.catalogue.work_files import ROOT_SHARE
from scrapers.gallery.replica_registry import REPLICAS
from scrapers.gallery.replicas.chrono24.addresses import CDN2, IMG, image_path, page_path
from scrapers.gallery.replicas.chrono24.addresses import WWW as CHRONO24
from scrapers.gallery.replicas.chrono24.app import Chrono24
from scrapers.gallery.replicas.wikiart.addresses import HOSTS, UPLOADS, WWW, host_of
from scrapers.gallery.replicas.wikiart.app import WikiArt
from scrapers.gallery.replicas.wikiart.work_records import artist_record
from scrapers.gallery.web.messages import PageLayout, Request
from scrapers.site_registry import SITES as WALKED
from tests.scrapers.gallery.pictures import decoded
from tests.scrapers.gallery.visit import wire_origins

MANY = Paintings(3, 1_500, 20)


def test_every_declared_site_has_one_replica_with_hosts_of_its_own_domain() -> None:
    replicated = [name for name, declared in SITES.items() if declared.gallery_kinds]
    assert list(REPLICAS) == replicated
    for site, replica in REPLICAS.items():
        domains = WALKED[site].domains
        assert len(set(replica.hosts)) == len(replica.hosts)
        assert all(urlsplit(host).netloc.endswith(domains) for host in replica.hosts)


@pytest.mark.parametrize(
    ("number", "path"),
    [
        # Addresses that the site stated, of all three kinds of folders.
        (5, "/images/raphael/vision-of-a-knight.jpg"),
        (6, "/images/raphael/vision-of-a-knight.jpg!Large.jpg"),
        (0, "/images/raphael/vision-of-a-knight.jpg!Portrait.jpg"),
        (8, "/images/aleksandr-deyneka/winter-in-kursk-1916.jpg"),
        (4, "/00142/images/vincent-van-gogh/the-starry-night.jpg!Large.jpg"),
        (8, "/00125/images/karpo-trokhymenko/over-the-big-road-1925.jpg"),
        (2, "/number-1-lavender-mist(1).jpg!Large.jpg"),
    ],
)
def test_the_host_of_an_image_is_the_real_one(number: int, path: str) -> None:
    assert host_of(path) == f"https://uploads{number}.wikiart.org"


def test_sizes_of_a_picture_are_spread_over_all_hosts_each_on_one() -> None:
    app = WikiArt(MANY, {host: host for host in HOSTS})
    work = next(w for w in MANY.works if not w.picture.defects and w.picture.width > 800)
    for variant in (None, "Large", "Portrait"):
        path = work.image_path(variant)
        has = {host for host in HOSTS if app.answer(host, Request(path)).status == 200}
        assert has == {host_of(path)}
    hosts = {host_of(w.image_path(variant)) for w in MANY.works[:60] for variant in (None, "Large")}
    assert hosts == set(HOSTS) - {WWW, UPLOADS}


def test_files_lie_in_three_kinds_of_folders_under_four_suffixes() -> None:
    works = list(MANY.works)
    suffixes = Counter(work.suffix for work in works)
    assert set(suffixes) == {".jpg", ".JPG", ".jpeg", ".png"}
    assert suffixes[".jpg"] > 0.9 * len(works)
    assert suffixes[".JPG"] / len(works) == pytest.approx(0.06, abs=0.02)
    folders = Counter(len(work.folder.split("/")) for work in works)
    assert set(folders) == {2, 4, 5}
    in_root = [work for work in works if work.folder == "/"]
    assert {work.styles[1:] for work in in_root} == {("Lyrical Abstraction",)}
    of_style = sum("Lyrical Abstraction" in work.styles for work in works)
    assert len(in_root) / of_style == pytest.approx(ROOT_SHARE, abs=0.04)
    for gallery in (Paintings(1, 60, 6), Paintings(1, 240, 30)):
        assert any(work.folder == "/" for work in gallery.works)


def test_a_png_is_one_in_every_size_and_its_exact_copies_are_too() -> None:
    app = WikiArt(MANY, {host: host for host in HOSTS})
    work = next(w for w in MANY.works if w.suffix == ".png")
    for variant in (None, "PinterestSmall"):
        path = work.image_path(variant)
        assert path.endswith(".png" if variant is None else ".png!PinterestSmall.png")
        answer = app.answer(host_of(path), Request(path))
        assert answer.content_type == "image/png"
        assert decoded(answer.body).format == "PNG"
    suffix_of = {w.picture.key: w.suffix for w in MANY.works}
    for other in MANY.works:
        if other.suffix == ".png" or "exact_copy" in other.picture.defects:
            original = other.picture.original
            assert set(other.picture.defects) <= {"exact_copy"}
            assert original is None or suffix_of[original] == other.suffix


@pytest.mark.parametrize("change", [str.lower, lambda path: f"/elsewhere{path}"])
def test_a_file_is_under_its_own_path_alone(change: object) -> None:
    app = WikiArt(MANY, {host: host for host in HOSTS})
    work = next(w for w in MANY.works if w.suffix == ".JPG" and not w.picture.defects)
    assert callable(change)
    path = change(work.image_path())
    assert all(app.answer(host, Request(path)).status == 404 for host in HOSTS[1:])


def test_either_host_has_every_photograph_and_older_pages_name_the_other() -> None:
    watches, origins = Watches(3, 60, 2), wire_origins("chrono24")
    app = Chrono24(watches, origins)
    watch = watches.watches[0]
    path = image_path(watch.pictures[0], "Square70")
    assert [app.answer(host, Request(path)).status for host in (IMG, CDN2)] == [200, 200]
    for layout, named, other in ((PageLayout.OF_2026, IMG, CDN2), (PageLayout.OF_2024, CDN2, IMG)):
        for page in (page_path(watch), f"/{watch.brand.slug}/index.htm"):
            body = app.answer(CHRONO24, Request(page, layout=layout)).body.decode()
            assert f"{origins[named]}/images/uhren/" in body
            assert f"{origins[other]}/images/uhren/" not in body


def test_living_artists_are_written_as_the_site_writes_them() -> None:
    creators = Paintings(3, 200, 200).creators
    artists = [artist_record(artist) for artist in creators]
    never = {"/Date(253402300799999)/", "/Date(-62135596800000)/"}
    living = [artist for artist in artists if artist["deathDay"] in never]
    assert {artist["deathDay"] for artist in living} == never
    assert 0 < len(living) < len(artists) / 2
    for artist, creator in zip(artists, creators, strict=True):
        assert (artist in living) == (creator.died is None)
