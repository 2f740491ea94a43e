"""Links and cookies: a control link opens once, the view link always, a guess never."""

import pytest

from glutebal.live import serving_tokens
from glutebal.live.serving_tokens import Doors, Right, new_token


def test_a_control_token_is_good_once_and_followed_by_another():
    told = []
    doors = Doors("first", "view", told.append)
    entry = doors.exchange("first")
    assert entry.right is Right.CONTROL
    assert doors.exchange("first") is None
    assert told == [doors.control_token]
    assert doors.exchange(told[0]).right is Right.CONTROL
    assert doors.right(entry.cookie) is Right.CONTROL


def test_the_view_token_is_good_for_everybody():
    doors = Doors("control", "view")
    cookies = {doors.exchange("view").cookie for _ in range(20)}
    assert len(cookies) == 20
    assert {doors.right(cookie) for cookie in cookies} == {Right.VIEW}


@pytest.mark.parametrize("guess", ["", "View", "view ", "control", "contro", "é", "\x00", "\ud800"])
def test_a_guess_opens_nothing(guess):
    doors = Doors("a-control-token", "view")
    assert doors.exchange(guess) is None
    assert doors.right(guess) is None
    assert doors.right(None) is None


def test_the_links_are_no_cookies():
    doors = Doors("control", "view")
    assert [doors.right(token) for token in ("control", "view")] == [None, None]


def test_lookers_cannot_push_out_who_steers(monkeypatch):
    monkeypatch.setattr(serving_tokens, "SESSIONS", 5)
    doors = Doors("control", "view")
    steering = doors.exchange("control").cookie
    cookies = [doors.exchange("view").cookie for _ in range(9)]
    assert doors.right(steering) is Right.CONTROL
    assert [doors.right(cookie) for cookie in cookies] == [None] * 5 + [Right.VIEW] * 4


def test_tokens_differ():
    assert len({new_token() for _ in range(1000)}) == 1000
