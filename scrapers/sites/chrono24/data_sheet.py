"""The data sheet of a watch: a table of labels and values in sections, in three layouts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from parsel import Selector

from scrapers.parsing.markup import first, text_of, texts_of
from scrapers.parsing.text import plain

_ROWS: Final = (
    ".watch-data-sheet tr",
    "section.js-details-and-security-tabs .js-tab-panel table tr",
    "#jq-specifications tr",
)
"""Of 2026, of 2023 to 2025, and older."""
_ANY_TABLE: Final = "table tr"
_TELLING: Final = ("Brand", "Model", "Reference number")
"""Labels by which a table elsewhere on the page is known to be the data sheet."""
_IN_ENGLISH: Final = {
    "marke": "Brand", "marque": "Brand", "marca": "Brand", "merk": "Brand",
    "modell": "Model", "modèle": "Model", "modelo": "Model", "modello": "Model",
    "referenznummer": "Reference number", "numéro de référence": "Reference number",
    "número de referencia": "Reference number", "numero di referenza": "Reference number",
    "referenza": "Reference number", "referentienummer": "Reference number",
    "herstellungsjahr": "Year of production", "année de fabrication": "Year of production",
    "año de fabricación": "Year of production", "anno di fabbricazione": "Year of production",
    "anno di produzione": "Year of production", "productiejaar": "Year of production",
    "zustand": "Condition", "état": "Condition", "estado": "Condition",
    "condizioni": "Condition", "staat": "Condition",
    "standort": "Location", "emplacement": "Location", "ubicación": "Location",
    "località": "Location", "posizione": "Location", "locatie": "Location",
    "preis": "Price", "prix": "Price", "precio": "Price", "prezzo": "Price", "prijs": "Price",
    "durchmesser": "Case diameter", "diamètre": "Case diameter", "diámetro": "Case diameter",
    "diametro": "Case diameter",
}  # fmt: skip
"""Labels of the site's mirrors for the values that have a column of their own."""

_STARTS_WITH_BUTTON: Final = "node()[normalize-space()][1][self::button]"

Sheet = dict[str, str]
"""Values by ``section / label``: "Movement" occurs in two sections."""


def data_sheet(page: Selector) -> Sheet:
    """Everything that the data sheet of a page tells; empty without one."""
    for selector in _ROWS:
        sheet = _read(page.css(selector))
        if sheet:
            return sheet
    sheet = _read(page.css(_ANY_TABLE))
    return sheet if any(cell(sheet, label) for label in _TELLING) else {}


def _read(rows: Iterable[Selector]) -> Sheet:
    sheet: Sheet = {}
    section, lone = "", dict[str, list[str]]()
    for row in rows:
        heading = first(row, "h2, h3, h4")
        if heading is not None:
            section = text_of(heading) or ""
            continue
        label = first(row, 'th[scope="row"], td > strong, th')
        cells = row.css("td")
        if label is not None and _is_pair(label, cells):
            value = value_of(cells[-1])
            if value is not None:
                sheet.setdefault(_key(section, text_of(label) or ""), value)
        elif label is None and len(cells) == 1 and section and (text := text_of(cells[0])):
            lone.setdefault(section, []).append(text)
    return sheet | {name: ", ".join(texts) for name, texts in lone.items()} if sheet else {}


def _is_pair(label: Selector, cells: Sequence[Selector]) -> bool:
    """A label and its value; the table of ratings has three cells a row."""
    return len(cells) == (1 if label.root.tag == "th" else 2)


def _key(section: str, label: str) -> str:
    label = label.rstrip(": ")
    return f"{section} / {label}" if section else label


def value_of(cell: Selector) -> str | None:
    """A value without the buttons beside it ("31 mm Try it on"), unless it is itself one."""
    lone_button = cell.xpath(_STARTS_WITH_BUTTON)
    if lone_button:
        return text_of(lone_button[0])
    text = text_of(cell) or ""
    for button in texts_of(cell.css("button")):
        text = text.replace(button, " ", 1)
    return plain(text) or None


def cell(sheet: Sheet, label: str) -> str | None:
    """The value behind ``label`` in the first section that has it, in any known language."""
    for key, value in sheet.items():
        name = key.rpartition(" / ")[2]
        if name == label or _IN_ENGLISH.get(name.lower()) == label:
            return value
    return None
