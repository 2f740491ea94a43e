"""One pure module per sensor model: UUIDs, handshake, bytes to samples; no asyncio, no bleak."""
