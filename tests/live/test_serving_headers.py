"""Foreign hosts and foreign pages are turned away; the policy allows nothing from elsewhere."""

import pytest
from scripted_hall import scripted_hall
from served import needs_live, refused, run, served

from glutebal.live.serving_headers import SECURITY, known_host, same_origin

pytestmark = needs_live


@pytest.mark.parametrize(
    ("header", "bound", "known"),
    [
        ("localhost:8000", "127.0.0.1", True),
        ("LOCALHOST", "127.0.0.1", True),
        ("[::1]:8000", "::1", True),
        ("192.168.1.7:8000", "192.168.1.7", True),
        ("192.168.1.7", "192.168.1.8", False),
        ("rebound.example:8000", "192.168.1.7", False),
        ("rebound.example", "rebound.example", False),
        ("localhost.example", "127.0.0.1", False),
        ("localhost:port", "127.0.0.1", False),
        ("localhost/x", "127.0.0.1", False),
        ("user@localhost", "127.0.0.1", False),
        ("0.0.0.0", "127.0.0.1", False),  # noqa: S104 - a header, nothing is bound
        ("[::1", "::1", False),
        ("", "127.0.0.1", False),
    ],
)
def test_a_host_is_known_by_the_address_it_came_in_by(header, bound, known):
    assert known_host(header, bound) is known


@pytest.mark.parametrize(
    ("origin", "scheme", "same"),
    [
        ("http://localhost:1", "ws", True),
        ("https://localhost:1", "wss", True),
        ("https://localhost:1", "ws", False),
        ("http://localhost:1/", "ws", False),
        ("http://localhost:12", "ws", False),
        ("", "ws", False),
    ],
)
def test_an_origin_is_compared_whole(origin, scheme, same):
    assert same_origin(origin, scheme, "localhost:1") is same
    assert not same_origin("http://", scheme, "")


def test_a_page_from_elsewhere_gets_no_socket():
    async def visit():
        async with served(scripted_hall()) as here:
            cookie = await here.cookie()
            for origin in ["http://evil.example", "null", None, "https://127.0.0.1", "http://127.0.0.1:1"]:
                assert await refused(here.socket(cookie, origin=origin)) == 403, origin
            assert await refused(here.socket(cookie, origin=f"https://{here.host}")) == 403

    run(visit())


def test_another_name_for_this_machine_is_turned_away():
    async def visit():
        async with served(scripted_hall()) as here:
            cookie = await here.cookie()
            for host in ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "10.0.0.1", "", "[::"]:
                answer = await here.ask("/", Host=f"{host}:{here.port}", Cookie=cookie)
                assert answer.status == 421, host
                assert answer.headers["content-security-policy"] == SECURITY["content-security-policy"]
            foreign = f"evil.example:{here.port}"
            assert await refused(here.socket(cookie, host=foreign, origin=f"http://{foreign}")) == 421
            assert (await here.ask("/", Host=f"localhost:{here.port}", Cookie=cookie)).status == 200

    run(visit())


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_in_line():
    rules = dict(rule.strip().split(" ", 1) for rule in SECURITY["content-security-policy"].split(";"))
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in SECURITY["content-security-policy"]
    assert SECURITY["referrer-policy"] == "no-referrer"
    assert SECURITY["x-content-type-options"] == "nosniff"
    assert SECURITY["cache-control"] == "no-store"
