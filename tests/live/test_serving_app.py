"""Which address answers what, and to whom: without a cookie nothing, and with one nothing but the view."""

from scripted_hall import scripted_hall
from served import Heard, needs_live, refused, run, served

from glutebal.live.serving_headers import SECURITY

pytestmark = needs_live


TARGETS = ["/", "/index.html", "/live.js", "/screen.js", "/uPlot.iife.min.js", "/page/1.html"]


def test_without_a_cookie_nothing_but_the_way_in():
    async def visit():
        async with served(scripted_hall()) as here:
            answers = [await here.ask(target) for target in TARGETS]
            assert [answer.status for answer in answers] == [403] * len(TARGETS)
            assert b"control link opens once" in answers[0].body
            assert b"gluteus" not in b"".join(answer.body for answer in answers)
            assert await refused(here.socket(None)) == 403
            assert await refused(here.socket(f"glutebal_{here.port}=guess")) == 403

    run(visit())


def test_a_wrong_token_opens_nothing():
    async def visit():
        async with served(scripted_hall()) as here:
            for token in ["", "wrong", "x" * 9000, "%00", "%C3%A9", "x&token=y"]:
                answer = await here.ask(f"/join?token={token}")
                assert answer.status == 403, token
                assert "set-cookie" not in answer.headers
            assert here.renewed == []

    run(visit())


def test_a_control_link_opens_once_and_the_next_one_is_told():
    async def visit():
        async with served(scripted_hall()) as here:
            target = here.address.control_url.partition(here.host)[2]
            first, second = await here.ask(target), await here.ask(target)
            assert (first.status, first.headers["location"], second.status) == (303, "/", 403)
            cookie = first.headers["set-cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=strict" in cookie
            assert here.address.control_url.rpartition("=")[2] not in cookie
            [renewed] = here.renewed
            assert renewed.control_url != here.address.control_url
            assert (await here.ask("/", Cookie=await here.cookie(renewed.control_url))).status == 200

    run(visit())


def test_who_steers_and_follows_the_view_link_still_steers():
    async def visit():
        async with served(scripted_hall()) as here:
            cookie = await here.cookie()
            target = here.address.url.partition(here.host)[2]
            answer = await here.ask(target, Cookie=cookie)
            assert answer.status == 303
            assert "set-cookie" not in answer.headers
            async with here.socket(cookie) as line:
                assert (await Heard(line).until("hello"))["control"] is True

    run(visit())


def test_asking_for_the_head_of_a_link_does_not_use_it_up():
    async def visit():
        async with served(scripted_hall()) as here:
            target = here.address.control_url.partition(here.host)[2]
            assert "set-cookie" not in (await here.ask(target, method="HEAD")).headers
            assert (await here.ask(target)).status == 303

    run(visit())


TRICKS = [
    "/../server.py",
    "/../../pyproject.toml",
    "/%2e%2e/server.py",
    "/..%2fserver.py",
    "/..%5cserver.py",
    "/web/index.html",
    "//etc/passwd",
    "/%2fetc%2fpasswd",
    "/live.js/../../server.py",
    "/live.js%00.html",
    "/uPlot.LICENSE.txt",
    "/page/../live.js",
    "/page/0.html",
    "/page/-1.html",
    "/page/1.html/..",
    "/page/%31.html%00",
    "/page/99999999999999999999999999.html",
    "/page/..%2f..%2fetc%2fpasswd.html",
    "/" + "a" * 5000,
]


def test_a_path_leads_to_nothing_but_the_view():
    async def visit():
        async with served(scripted_hall()) as here:
            cookie = await here.cookie()
            statuses = {target: (await here.ask(target, Cookie=cookie)).status for target in TRICKS}
            assert statuses == dict.fromkeys(TRICKS, 404)

    run(visit())


def test_nothing_is_written_over_http():
    async def visit():
        async with served(scripted_hall()) as here:
            cookie = await here.cookie()
            for method in ["POST", "PUT", "DELETE", "TRACE", "OPTIONS", "CONNECT", "NONSENSE"]:
                answer = await here.ask("/", method=method, body=b"x", Cookie=cookie, Content_Length="1")
                assert answer.status == 405, method

    run(visit())


def test_every_answer_carries_the_rules_of_the_house():
    async def visit():
        async with served(scripted_hall()) as here:
            cookie = await here.cookie()
            answers = [await here.ask(target, Cookie=cookie) for target in [*TARGETS, "/nothing"]]
            answers += [await here.ask("/"), await here.ask("/join?token=x"), await here.ask("/", method="POST")]
            for answer in answers:
                assert {name: answer.headers[name] for name in SECURITY} == SECURITY
                assert "server" not in answer.headers

    run(visit())
