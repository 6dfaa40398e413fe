"""Sound of one channel for whoever wants no more. It costs no start of the program anything.

Arithmetic on samples brings numpy, which the window needs for two microphones only (decision 028).
"""

from __future__ import annotations

from app.domain.ports import JournalAudio


def mono(audio: JournalAudio) -> JournalAudio:
    """Return a block as one channel; one that has one comes back as it is."""
    if audio.channels == 1:
        return audio
    from app.audio.channels import mixed  # noqa: PLC0415 - see above

    return mixed(audio)
