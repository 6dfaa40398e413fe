"""What every service stands on: events, the way home, who is unlocked, threads, policy."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.policy import Policy
from app.domain.ports import Post
from app.foundation.bus import Bus
from app.foundation.jobs import Pool
from app.workflow.session import Sessions


@dataclass(frozen=True, slots=True)
class Room:
    """Made once by bootstrap and handed to each service."""

    bus: Bus
    post: Post
    sessions: Sessions
    pool: Pool
    policy: Policy
