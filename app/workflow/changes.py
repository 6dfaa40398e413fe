"""The words for what changes in a draft, as the faces of the app show it."""

from __future__ import annotations

from app.drafting.diffs import ChangeKind, ClaimChange, SectionDiff, WordChange, Words

__all__ = ["ChangeKind", "ClaimChange", "SectionDiff", "WordChange", "Words"]
