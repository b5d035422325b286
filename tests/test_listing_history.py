"""Random histories of listings, from facts and requests to the funnel, against a plain replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.decisions.list_files import Lists
from curation.decisions.list_syntax import parse
from curation.decisions.resolution import Index, resolve
from curation.selection.decide import select
from curation.selection.funnel import IMAGES as OF_IMAGES
from curation.selection.funnel import funnel
from curation.selection.inputs import Inputs
from pipeline.core.ids import sha256_hex
from pipeline.core.params.select import Select
from pipeline.core.schema import IMAGES, MANIFEST, PAIRS, WATERMARK, WITH_BYTES, Fetch
from scrapers.parsing.listing_facts import DETAIL, LISTING, Fact, facts_table
from scrapers.parsing.listings import Captured, ListingHistory
from tests.decision_tables import id_of, image, table

LISTINGS, KEYS = range(4), range(6)
FREE, BANNED = "Public domain", "banned-artist"


@dataclass(frozen=True)
class Work:
    """A listing as the site has it on the day of a capture."""

    pictures: tuple[int, ...]
    label: str | None
    artist: str
    page: Fetch
    """What its own page answers."""


@dataclass(frozen=True)
class Day:
    """The site, and a capture of it."""

    works: dict[int, Work]
    answers: dict[int, Fetch]
    """For each picture; what is missing comes."""
    versions: frozenset[int]
    """Pictures that are photographed anew from this day on."""
    cards: bool
    """The lists show the first picture of each listing; else its address alone, as sitemaps do."""
    details: bool
    walked: frozenset[int]
    """The listings in the lists that were walked."""
    most: int
    """Listings whose own page and pictures are asked for, in the order of the list."""
    images_per_listing: int

    @property
    def walked_all(self) -> bool:
        return self.walked == frozenset(LISTINGS) and self.most >= len(LISTINGS)


WORKS = st.builds(
    Work,
    st.permutations(KEYS).flatmap(lambda keys: st.integers(1, 3).map(lambda n: tuple(keys[:n]))),
    st.sampled_from([FREE, FREE, "Fair Use", None]),
    st.sampled_from(["ada-vorn", "ada-vorn", BANNED]),
    st.sampled_from([Fetch.FETCHED] * 4 + [Fetch.OPTED_OUT, Fetch.FAILED, Fetch.GONE]),
)
ALL = frozenset(LISTINGS)
DAYS = st.builds(
    Day,
    st.dictionaries(st.sampled_from(LISTINGS), WORKS, min_size=2),
    st.dictionaries(
        st.sampled_from(KEYS), st.sampled_from([Fetch.OPTED_OUT, Fetch.FAILED, Fetch.GONE]),
        max_size=2,
    ),
    st.frozensets(st.sampled_from(KEYS), max_size=1),
    st.sampled_from([True, True, False]),
    st.booleans(),
    st.one_of(st.just(ALL), st.just(ALL), st.frozensets(st.sampled_from(LISTINGS))),
    st.sampled_from([4, 4, 4, 2]),
    st.integers(1, 3),
)  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Day]:
    """Days of a site on which little changes from one to the next."""
    days = [draw(DAYS)]
    for _ in range(draw(st.integers(1, 4))):
        day, before = draw(DAYS), days[-1].works
        stay = draw(st.frozensets(st.sampled_from(LISTINGS)))
        works = {n: before[n] for n in stay if n in before}
        works |= {n: work for n, work in day.works.items() if n not in stay}
        days.append(Day(**{**vars(day), "works": works}))
    return days


def key_of(key: int) -> str:
    return f"https://uploads.wikiart.org/images/{key}.jpg"


KEY_AT = {key_of(key): key for key in KEYS}


def page_of(number: int) -> str:
    return f"https://www.wikiart.org/en/orla-venn/{number}"


@dataclass
class Crawl:
    """What a walk over the site of one day says and asks."""

    day: Day
    bytes_of: dict[int, str]
    facts: list[Fact] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    asked: dict[int, Fetch] = field(default_factory=dict)
    page: dict[int, Fetch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        met = [n for n in sorted(self.day.works) if n in self.day.walked]
        for number in met:
            if self.day.cards:
                self._tell(number, LISTING, self.day.works[number].pictures[:1])
        for number in met[: self.day.most]:
            self._work(number, self.day.works[number])

    def _tell(self, number: int, rank: int, pictures: Iterable[int]) -> None:
        work = self.day.works[number]
        label = work.label if rank == DETAIL else None
        for position, key in enumerate(pictures):
            self.facts.append(
                Fact(
                    key=f"orla-venn/{number}", listing_id=str(number), position=position,
                    rank=rank, page_url=page_of(number), layer="dom", image_key=key_of(key),
                    creator=work.artist, rights=label,
                )
            )  # fmt: skip

    def _work(self, number: int, work: Work) -> None:
        pictures = work.pictures[:1] if self.day.cards else ()
        if self.day.details or not self.day.cards:
            self.page[number] = work.page
            self._request("page", page_of(number), work.page)
            if work.page is Fetch.FETCHED:
                self._tell(number, DETAIL, work.pictures)
                pictures = work.pictures
        out = self.page.get(number) is Fetch.OPTED_OUT
        for key in pictures[: self.day.images_per_listing]:
            if key not in self.asked:
                self._picture(key, Fetch.OPTED_OUT if out else self.day.answers.get(key))

    def _picture(self, key: int, answer: Fetch | None) -> None:
        self.asked[key] = answer or Fetch.FETCHED
        name = None if answer else self.bytes_of[key]
        self._request("image", key_of(key), self.asked[key], name)

    def _request(self, kind: str, url: str, fetch: Fetch, name: str | None = None) -> None:
        row = dict.fromkeys(MANIFEST.arrow.names) | {"seq": len(self.requests), "kind": kind}
        row |= {"url": url, "fetch": str(fetch), "sha256": name and sha256_hex(name.encode())}
        self.requests.append(row)

    def captured(self, date: str, walked_again: Iterable[str]) -> Captured:
        schema = pa.schema([each.with_nullable(True) for each in MANIFEST.arrow])
        manifest = pa.Table.from_pylist(self.requests, schema=schema)
        return Captured(date, facts_table(self.facts), manifest, {}, frozenset(walked_again))


def crawls(days: list[Day]) -> Iterator[Crawl]:
    """The captures; two addresses in three lead to one picture, so that bytes are shared."""
    taken = dict.fromkeys(KEYS, 0)
    for day in days:
        for key in day.versions:
            taken[key] += 1
        yield Crawl(day, {key: f"{key % 4}-{taken[key]}" for key in KEYS})


@dataclass
class Replay:
    """What a person would conclude who reads the captures one after the other."""

    pages: dict[int, bool] = field(default_factory=dict)
    """Whether the newest word of a listing's page is an opt-out."""
    headers: dict[int, bool] = field(default_factory=dict)
    """The same of a picture's header."""
    labels: dict[int, str | None] = field(default_factory=dict)
    artists: dict[int, str] = field(default_factory=dict)
    showing: dict[int, dict[int, int]] = field(default_factory=dict)
    """For each known listing the pictures that it shows, and where."""
    ever: set[tuple[int, int, str]] = field(default_factory=set)
    """Listing, picture and bytes."""
    bytes_of: dict[int, str] = field(default_factory=dict)
    places: set[tuple[int, int]] = field(default_factory=set)

    def read(self, crawl: Crawl) -> None:
        seen = {number: self._seen(crawl, number) for number in LISTINGS}
        for key, fetch in crawl.asked.items():
            if fetch in WITH_BYTES:
                self.bytes_of[key] = crawl.bytes_of[key]
        for number, pictures in seen.items():
            if pictures:
                self._shows(crawl, number, pictures)
            elif number in self.showing:
                self._shows_none(crawl, number)
        for number, pictures in seen.items():
            self.places |= {(number, place) for place in pictures.values()}
            if crawl.page.get(number) is not Fetch.OPTED_OUT:
                decisive = [k for k in pictures if crawl.asked.get(k) in (*WITH_BYTES, "opted_out")]
                self.headers |= {k: crawl.asked[k] is Fetch.OPTED_OUT for k in decisive}

    def _seen(self, crawl: Crawl, number: int) -> dict[int, int]:
        """The pictures of a listing that were asked for now or before, or took such a place."""
        name = str(number)
        told = {(KEY_AT[str(f.image_key)], f.position) for f in crawl.facts
                if f.listing_id == name}  # fmt: skip
        known = {key for shown in self.ever_shown.values() for key in shown}
        return {
            key: place for key, place in told
            if key in crawl.asked or key in known or (number, place) in self.places
        }  # fmt: skip

    ever_shown: dict[int, set[int]] = field(default_factory=dict)

    def _shows(self, crawl: Crawl, number: int, pictures: dict[int, int]) -> None:
        work, came = crawl.day.works[number], crawl.page.get(number) is Fetch.FETCHED
        before = {} if came else self.showing.get(number, {})
        places = set(pictures.values())
        stay = {key: place for key, place in before.items() if place not in places}
        self.showing[number] = stay | pictures
        self.artists[number] = work.artist
        if came or number not in self.labels:
            self.labels[number] = work.label if came else None
        self._page(crawl, number)
        self.pictures_of(number).update(pictures)
        self.ever |= {(number, k, self.bytes_of[k]) for k in pictures if k in self.bytes_of}

    def pictures_of(self, number: int) -> set[int]:
        return self.ever_shown.setdefault(number, set())

    def _shows_none(self, crawl: Crawl, number: int) -> None:
        self._page(crawl, number)
        in_no_list = crawl.day.walked_all and number not in crawl.day.works
        if in_no_list or crawl.page.get(number) is Fetch.GONE:
            self.showing[number] = {}

    def _page(self, crawl: Crawl, number: int) -> None:
        if crawl.page.get(number) in (Fetch.OPTED_OUT, Fetch.FETCHED):
            self.pages[number] = crawl.page[number] is Fetch.OPTED_OUT

    def reason(self, name: str, kept: str) -> str | None:
        """Why the bytes of that name are left out."""
        showed = {(number, key) for number, key, bytes_ in self.ever if bytes_ == name}
        numbers = {number for number, _ in showed}
        if any(self._is_out(number) for number in numbers):
            return "opted_out"
        if any(self.headers.get(key) for _, key in showed):
            return "opted_out"
        if name == kept:
            return None
        if any(self.artists[number] == BANNED for number in numbers):
            return "curator_removed"
        if not any(self._is_shown(number, name) for number in self.showing):
            return "unlisted"
        if any(self.labels[number] != FREE for number in numbers):
            return "rights"
        return None

    def _is_out(self, number: int) -> bool:
        shows_out = any(self.headers.get(key) for key in self.showing[number])
        return self.pages.get(number, False) or shows_out

    def _is_shown(self, number: int, name: str) -> bool:
        return any(self.bytes_of.get(key) == name for key in self.showing[number])


def history(days: list[Day]) -> tuple[pa.Table, Replay, list[str]]:
    """LISTINGS of those days, what a person concludes, and the bytes that came."""
    site, replay, rows = ListingHistory("wikiart", str), Replay(), []
    names: set[str] = set()
    for number, crawl in enumerate(crawls(days)):
        earlier = [f"2026-01-0{n + 1}" for n in range(number)] if crawl.day.walked_all else []
        rows.append(site.rows(crawl.captured(f"2026-01-0{number + 1}", earlier)))
        replay.read(crawl)
        names |= {crawl.bytes_of[k] for k, fetch in crawl.asked.items() if fetch in WITH_BYTES}
    return pa.concat_tables(rows), replay, sorted(names)


def curated(kept: str, images: pa.Table, made: Inputs) -> pa.Table:
    remove, _ = parse(f"artist:{BANNED}\n", "remove.txt")
    keep, _ = parse(f"{id_of(kept)}\n", "keep.txt")
    lists = Lists("lists", {"keep": keep, "remove": remove}, ())
    return resolve(lists, Index(images, lambda: made.listed)).decisions


MOVED_ON = [
    Day(
        {n: Work(pictures, FREE, "ada-vorn", Fetch.FETCHED) for n, pictures in enumerate(shown)},
        {}, frozenset(exchanged), True, details, frozenset({0, 1, 2, 3}), 4, most,
    )
    for shown, exchanged, details, most in [
        (((0, 1, 3), (0, 3)), (), True, 2),
        (((0,), (3,)), (), False, 1),
        (((0,), (3,)), (3,), False, 1),
        (((0,), (0,)), (), False, 1),
    ]
]  # fmt: skip
"""The first work still shows address 3, as far as anybody looked; its newest bytes came by the
second, which shows another one by now."""


# A busy machine may take long over any one example; how long is not what is tested.
@settings(deadline=None, max_examples=60)
@example(MOVED_ON, "0-0")
@given(histories(), st.sampled_from(["0-0", "1-0", "2-1"]))
def test_every_image_ends_in_one_line_of_the_funnel_by_the_newest_word(
    days: list[Day], kept: str
) -> None:
    listings, replay, names = history(days)
    images = table(IMAGES, [image(name) for name in names])
    made = Inputs(images, listings, table(PAIRS, []), table(WATERMARK, []), pa.table({}))
    made = Inputs(**{**fields_of(made), "decisions": curated(kept, images, made)})
    chosen = select(made, Select(rights=(FREE,), placeholder_listings=None))
    said = dict(zip(chosen["image_id"].to_pylist(), chosen["reason"].to_pylist(), strict=True))
    assert said == {id_of(name): replay.reason(name, kept) for name in names}

    counted = funnel(made.listed, chosen)
    assert counted["in_no_listing"] == 0
    assert counted["fetched"] - counted["steps"][4]["left_out"] == len(names)
    steps = [step for step in counted["steps"] if step["of"] == OF_IMAGES]
    assert steps[0]["before"] == len(names)
    assert sum(step["left_out"] for step in steps) + counted["kept"] == len(names)


def fields_of(made: Inputs) -> dict[str, pa.Table]:
    names = ("images", "listings", "pairs", "watermark", "decisions")
    return {name: getattr(made, name) for name in names}
