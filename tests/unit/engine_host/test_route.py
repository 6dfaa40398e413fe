"""Whose sound we hear is noticed, and we go back to the microphone that was asked for."""

from __future__ import annotations

from dataclasses import replace

from app.engine_host.recorder.pulse import Routing
from app.engine_host.recorder.route import RoutePolicy, Verdict

OURS, OTHER = "usb", "built-in"


def routing(source: str, default: str = OTHER, *sources: str) -> Routing:
    return Routing(source, 7, default, {name: len(name) for name in sources or (OURS, OTHER)})


def test_the_first_microphone_is_ours_and_nothing_is_said() -> None:
    policy = RoutePolicy(follows_default=False)
    assert policy.judge(routing("")) == Verdict()
    assert policy.judge(routing(OURS)) == Verdict()
    assert policy.judge(routing(OURS)) == Verdict()


def test_an_unplugged_microphone_is_told_and_taken_again_when_it_is_back() -> None:
    policy = RoutePolicy(follows_default=False)
    policy.judge(routing(OURS))
    assert policy.judge(routing(OTHER, OTHER, OTHER)) == Verdict(has_changed=True, is_ours=False)
    assert policy.judge(routing(OTHER, OTHER, OTHER)) == Verdict(is_ours=False)
    back = Verdict(is_ours=False, move_to=OURS)
    assert policy.judge(routing(OTHER)) == back
    assert policy.judge(routing(OURS)) == Verdict(has_changed=True)
    assert policy.judge(routing(OURS)) == Verdict()


def test_a_stream_that_a_person_moved_stays_there() -> None:
    policy = RoutePolicy(follows_default=False)
    policy.judge(routing(OURS))
    assert policy.judge(routing(OTHER)) == Verdict(has_changed=True, is_ours=False)
    assert policy.judge(routing(OTHER)) == Verdict()


def test_a_microphone_that_was_away_between_two_looks_was_not_left_by_a_person() -> None:
    policy = RoutePolicy(follows_default=False)
    policy.judge(routing(OURS))
    again = replace(routing(OTHER), sources={OURS: 99, OTHER: 1})
    back = Verdict(has_changed=True, is_ours=False, move_to=OURS)
    assert policy.judge(again) == back
    assert policy.judge(replace(again, source=OURS)) == Verdict(has_changed=True)
    left = replace(again, source=OTHER)
    assert policy.judge(left) == Verdict(has_changed=True, is_ours=False)
    assert policy.judge(left) == Verdict()


def test_a_new_default_is_followed_only_when_no_microphone_was_named() -> None:
    named, follower = RoutePolicy(follows_default=False), RoutePolicy(follows_default=True)
    for policy in (named, follower):
        policy.judge(routing(OURS, OURS))
    assert named.judge(routing(OURS, OTHER)) == Verdict()
    moves = Verdict(is_ours=False, move_to=OTHER)
    assert follower.judge(routing(OURS, OTHER)) == moves
    assert follower.judge(routing(OTHER, OTHER)) == Verdict(has_changed=True)
    # The server may move the stream before we look.
    assert follower.judge(routing(OURS, OURS)) == Verdict(has_changed=True)


def test_a_stream_that_was_pinned_elsewhere_from_the_start_is_left_alone() -> None:
    policy = RoutePolicy(follows_default=True)
    assert policy.judge(routing(OURS, OTHER)) == Verdict()
    assert policy.judge(routing(OURS, OTHER)) == Verdict()
