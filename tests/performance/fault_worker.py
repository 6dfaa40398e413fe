"""The app of `tests.end2end.desk_app` that also says what it kept: for faults of the whole app."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.audio.journal import JournalReader
from app.domain.audio import SAMPLE_RATE
from app.foundation import hardening, paths
from tests.end2end.desk_app import Desk, tell


class FaultDesk(Desk):
    """One more command: `keep FILE`."""

    def do_keep(self, file: str) -> None:
        """Write the newest recording's sound into a file, and tell the transcript and the gaps."""
        session = self.services.recovery._sessions.current()
        row = session.ask(lambda vault: vault.recordings()[-1]).result()
        secret = session.ask(lambda vault: vault.recording_secret(row.id)).result()
        segments = session.ask(lambda vault: vault.transcript(row.visit)).result().segments
        reader = JournalReader(session.audio_folder)
        state = reader.inspect(row.id, secret.private_key)
        sound = np.zeros(state.samples, "<i2")
        for block in reader.read(row.id, secret.private_key):
            pcm = np.frombuffer(block.pcm, "<i2")
            sound[block.at_sample : block.at_sample + len(pcm)] = pcm
        sound.tofile(Path(file))
        gaps = [[each.at_sample, each.count, int(each.reason)] for each in state.gaps]
        texts = [[each.id, each.spoken] for each in segments]
        tell("kept", segments=texts, gaps=gaps, seconds=state.samples / SAMPLE_RATE)


if __name__ == "__main__":
    paths.private_umask()
    hardening.harden()
    FaultDesk().run()
