"""A certificate that a server signs for itself, for an evening in the gym."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from glutebal.errors import MissingExtraError

VALID = timedelta(days=7)


@dataclass(frozen=True)
class Certificate:
    """Where certificate and key lie, and what a browser shows of it."""

    certificate: Path
    key: Path
    fingerprint: str


@contextmanager
def self_signed(hosts: tuple[str, ...]) -> Iterator[Certificate]:
    """A new key and certificate for these addresses, in a folder of their own that goes when the block ends.

    Raises
    ------
    MissingExtraError
        The library cryptography is not installed.
    """
    certificate, key, fingerprint = _signed(hosts)
    with tempfile.TemporaryDirectory(prefix="glutebal-") as folder:  # readable by its owner alone
        paths = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        for path, text in zip(paths, (certificate, key), strict=True):
            path.write_bytes(text)
        yield Certificate(*paths, fingerprint)


def _signed(hosts: tuple[str, ...]) -> tuple[bytes, bytes, str]:
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
    except ImportError as error:
        raise MissingExtraError.of("live", "cryptography", "serve over https") from error
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "glutebal live")])
    addresses = [x509.DNSName("localhost"), *(x509.IPAddress(ip_address(host)) for host in hosts)]
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return signed.public_bytes(pem), secret, signed.fingerprint(hashes.SHA256()).hex(":").upper()
