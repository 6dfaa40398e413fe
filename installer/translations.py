"""Keep the catalogs of translations: `python -m installer.translations update|compile|check`.

Words are found in the code: what stands in `_("…")` in the window and in `foundation`, and the
tables that are shown through `_()`. What goes into notes and ledgers (`workflow`) is left out: its
language is the note's, not the window's. The `.po` files are written by people; each `.mo` is made
from its `.po`, the same bytes every time, and a test compares them.
"""

from __future__ import annotations

import ast
import io
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from app.foundation import doctor_words, texts
from app.foundation.i18n import DOMAIN
from app.ui.viewmodels import policy
from app.ui.views.guide_page import texts_of
from app.ui.views.guide_texts import CHAPTERS
from app.ui.widgets.actions import SHORTCUTS, SPOKEN

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "resources" / "translations"
SOURCES: Final = ("app/ui", "app/foundation")
MO_MAGIC: Final = 0x950412DE
Found = dict[str, str]
"""An English text, and the file it is from."""


def found_words() -> Found:
    """Return every text that the window shows, in a stable order."""
    found: Found = {}
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            for text in _called(path):
                found.setdefault(text, path.relative_to(ROOT).as_posix())
    for name, words in _tables():
        for text in words:
            found.setdefault(text, name)
    return found


def placeholders(text: str) -> set[str]:
    """Return the names between braces, with how they are written: `{gb:.1f}`."""
    return {
        f"{name}:{form}" if form else name
        for _before, name, form, _how in Formatter().parse(text)
        if name is not None
    }


def languages() -> tuple[str, ...]:
    """Return the languages that have a catalog."""
    return tuple(sorted(each.name for each in FOLDER.iterdir() if po_path(each.name).is_file()))


def po_path(language: str) -> Path:
    """Return where people write."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """Return a catalog as it stands on disk."""
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def merged(language: str, translations: Mapping[str, str]) -> Catalog:
    """Return a catalog of every text found, with these translations where there are some."""
    made = Catalog(
        locale=language, domain=DOMAIN, project="Stethoscribe", fuzzy=False, charset="utf-8"
    )
    for text, place in found_words().items():
        made.add(text, translations.get(text, ""), locations=[(place, 0)])
    return made


def written(catalog: Catalog) -> bytes:
    """Return the `.po`. Dates and tools are left out: a catalog changes when its words do."""
    out = io.BytesIO()
    write_po(out, catalog, width=100, omit_header=True, include_lineno=False)
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {catalog.locale}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    return header.encode() + out.getvalue()


def compiled(language: str) -> bytes:
    """Return the `.mo` of a language: its translated texts only, in order, and no date."""
    kept = {str(each.id): str(each.string) for each in read(language) if each.id and each.string}
    header = f"Language: {language}\nContent-Type: text/plain; charset=utf-8\n"
    return packed({"": header, **kept})


def packed(kept: Mapping[str, str]) -> bytes:
    """Return texts in the format of GNU gettext (manual, "The Format of GNU MO Files")."""
    rows = sorted((text.encode(), other.encode()) for text, other in kept.items())
    head = struct.Struct("<7I")
    place = head.size + 16 * len(rows)  # behind the head: two tables of length and offset
    tables: list[bytes] = []
    for column in (0, 1):
        for row in rows:
            tables.append(struct.pack("<2I", len(row[column]), place))
            place += len(row[column]) + 1
    numbers = (MO_MAGIC, 0, len(rows), head.size, head.size + 8 * len(rows), 0, 0)
    words = (row[column] + b"\0" for column in (0, 1) for row in rows)
    return b"".join((head.pack(*numbers), *tables, *words))


def _called(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def _tables() -> Iterator[tuple[str, list[str]]]:
    """Yield tables of texts that are shown by a name: `_(words[key])`."""
    yield "app/ui/widgets/actions.py", _keys()
    for module, name in (
        (texts, "app/foundation/texts.py"),
        (policy, "app/ui/viewmodels/policy.py"),
        (doctor_words, "app/foundation/doctor_words.py"),
    ):
        for title, table in vars(module).items():
            if isinstance(table, Mapping) and not title.startswith("__"):
                yield name, [each for each in table.values() if isinstance(each, str)]
    for chapter in CHAPTERS:
        yield "app/ui/views/guide_texts.py", [chapter.title, *texts_of(chapter)]


def _keys() -> list[str]:
    found = [*SHORTCUTS.values(), *SPOKEN]
    return [*dict.fromkeys(each.group for each in found), *(each.words for each in found)]


def main(arguments: list[str]) -> int:
    """Update the catalogs from the code, compile them, or say what is missing."""
    match arguments:
        case ["update"]:
            for language in languages():
                old = {str(each.id): str(each.string) for each in read(language) if each.id}
                po_path(language).write_bytes(written(merged(language, old)))
        case ["compile"]:
            for language in languages():
                po_path(language).with_suffix(".mo").write_bytes(compiled(language))
        case ["check"]:
            for language in languages():
                catalog = [each for each in read(language) if each.id]
                done = sum(1 for each in catalog if each.string)
                print(f"{language}: {done} of {len(catalog)} texts")
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
