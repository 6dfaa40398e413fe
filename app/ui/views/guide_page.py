"""A chapter of the guide as text for a reading box, and as plain words to search. Main thread."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import assert_never

from app.foundation.i18n import _
from app.ui import theme
from app.ui.views.guide_texts import Chapter, Part, Picture, Say, Sign, Steps
from app.ui.widgets.actions import SHORTCUTS

ICON = "icon"
PICTURE = "picture"
"""Schemes of what the reading box loads: `icon:name/color`, `picture:file`."""


def keys() -> dict[str, str]:
    """Return the key of each action, as people write it."""
    return {name: shown_key(each.keys[0]) for name, each in SHORTCUTS.items()}


def shown_key(key: str) -> str:
    """Return a key as it stands on the keyboard: `Ctrl+Enter`."""
    return key.replace("Return", "Enter")


def chapter_html(chapter: Chapter) -> str:
    """Return the chapter with its keys, signs and pictures; colors come from `page_style`."""
    shown = {name: f"<b>{html.escape(key)}</b>" for name, key in keys().items()}
    parts = "".join(_part(each, shown) for each in chapter.parts)
    return f"<h1>{html.escape(_(chapter.title))}</h1>{parts}"


def chapter_words(chapter: Chapter) -> str:
    """Return every word of the chapter, with its keys, one part a line."""
    found = keys()
    lines = [_(chapter.title), *(_(each).format_map(found) for each in texts_of(chapter))]
    return "\n".join(lines)


def texts_of(chapter: Chapter) -> Iterator[str]:
    """Yield the English texts of a chapter, its title apart."""
    for part in chapter.parts:
        match part:
            case Say(words) | Picture(_, words):
                yield words
            case Steps(steps):
                yield from steps
            case Sign(_, _, name, words):
                yield name
                yield words
            case _:
                assert_never(part)


def page_style() -> str:
    """Return the style sheet of a page in the look that holds now."""
    look = theme.current()
    points = look.font().pointSizeF()
    return (
        f"h1 {{ font-size: {points * 1.5:.1f}pt; font-weight: 600; margin-bottom: 8px; }}"
        f"p {{ margin-top: 0; margin-bottom: 12px; line-height: 130%; }}"
        f"p.picture {{ margin-bottom: 4px; line-height: 100%; }}"
        f"li {{ margin-bottom: 8px; line-height: 130%; }}"
        f"b {{ color: {look.colors.accent}; font-weight: 600; }}"
        f".quiet {{ color: {look.colors.muted}; font-size: {points * 0.92:.1f}pt; }}"
        f"td {{ padding-bottom: 10px; }}"
    )


def _part(part: Part, shown: Mapping[str, str]) -> str:
    match part:
        case Say(words):
            return f"<p>{_filled(words, shown)}</p>"
        case Steps(steps):
            return f"<ol>{''.join(f'<li>{_filled(each, shown)}</li>' for each in steps)}</ol>"
        case Sign(icon, color, name, words):
            return (
                f'<table><tr><td width="{theme.current().span(4)}">'
                f'<img src="{ICON}:{icon}/{color}"></td>'
                f"<td><span style='font-weight: 600'>{html.escape(_(name))}</span><br>"
                f"{_filled(words, shown)}</td></tr></table>"
            )
        case Picture(file, words):
            return (
                f'<p class="picture"><img src="{PICTURE}:{file}"></p>'
                f'<p class="quiet">{_filled(words, shown)}</p>'
            )
        case _:
            assert_never(part)


def _filled(words: str, shown: Mapping[str, str]) -> str:
    return html.escape(_(words)).format_map(shown)
