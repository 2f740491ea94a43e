"""Over https: the cookie is for https alone, and the fingerprint is that of the certificate."""

import asyncio
import ssl
from hashlib import sha256

import pytest
from scripted_hall import scripted_hall
from served import Heard, needs_live, run, served

from glutebal.live.server import Serving

pytestmark = needs_live


def test_over_tls_the_cookie_is_for_tls_and_the_fingerprint_is_the_certificates():
    pytest.importorskip("cryptography", reason="the extra live is not installed")

    from websockets.asyncio.client import connect

    async def visit():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        async with served(scripted_hall(), Serving(tls=True)) as here:
            assert here.address.control_url.startswith("https://")
            target = here.address.control_url.partition(here.host)[2]
            reader, writer = await asyncio.open_connection("127.0.0.1", here.port, ssl=context)
            shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            assert sha256(shown).hexdigest() == here.address.fingerprint.replace(":", "").lower()
            writer.write(f"GET {target} HTTP/1.1\r\nHost: {here.host}\r\nConnection: close\r\n\r\n".encode())
            answer = (await reader.read()).decode()
            writer.close()
            assert "Secure" in answer
            cookie = answer.split("set-cookie: ")[1].split(";")[0]
            url = f"wss://{here.host}/ws"
            headers = {"Cookie": cookie}
            origin = f"https://{here.host}"
            async with connect(url, ssl=context, origin=origin, additional_headers=headers, proxy=None) as line:
                await Heard(line).rows(3)

    run(visit())
