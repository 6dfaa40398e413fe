"""Words in the language of the person, English where there is no translation.

`_("Wait {wait}.")` returns the translated text, still with its named placeholders. Catalogs
are gettext `.mo` files in `<folder>/<language>/LC_MESSAGES/stethoscribe.mo`.
"""

from __future__ import annotations

import gettext
from pathlib import Path
from typing import Final

DOMAIN: Final = "stethoscribe"


class Translator:
    """Looks words up in one language at a time."""

    def __init__(self) -> None:
        self._catalog: gettext.NullTranslations = gettext.NullTranslations()

    def use(self, language: str, folder: Path) -> None:
        """Speak `language` (`de`, `pt_BR`) from now on; English when there is no catalog for it.

        Main thread, before the window is made. A damaged catalog counts as none.
        """
        try:
            found = gettext.translation(DOMAIN, str(folder), [language], fallback=True)
        except (OSError, UnicodeDecodeError, ValueError):
            found = gettext.NullTranslations()
        self._catalog = found

    def text(self, english: str) -> str:
        """Return `english` in the current language. Any thread."""
        return self._catalog.gettext(english)


TRANSLATOR: Final = Translator()
"""The one of this process."""


def use_language(language: str, folder: Path) -> None:
    """Speak `language` from now on; see `Translator.use`."""
    TRANSLATOR.use(language, folder)


def _(english: str) -> str:
    """Return a text in the current language, with its placeholders."""
    return TRANSLATOR.text(english)
