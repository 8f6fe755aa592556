"""Security of dask's connections: a private CA, and certificates."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from csserv.errors import SettingsError
from csserv.machine.written_whole import written_whole

if TYPE_CHECKING:  # dask is slow to import, and certificates are looked at without it
    from distributed import Security

CA_DAYS, DAYS = 3650, 730

#: folder, in the home, of the certificates of the cluster that a runner starts
OWN_TLS = "own-tls"

#: those are made anew when they are valid for fewer days
RENEW_BEFORE = 60

_USAGES = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


def make_certificates(folder: Path, hosts: Sequence[str]) -> list[Path]:
    """Make a private CA, and a certificate for the scheduler, the workers and the runner.

    A CA that exists in the folder is kept, so that its earlier certificates stay valid.

    Parameters
    ----------
    hosts : names or addresses of the other machines

    Returns
    -------
    paths of ca.pem, ca-key.pem, cert.pem, key.pem; all but ca-key.pem belong on each machine
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    ca, ca_key = _read_ca(folder) if (folder / "ca-key.pem").exists() else _make_ca(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    names = [_general_name(host) for host in dict.fromkeys(["localhost", "127.0.0.1", *hosts])]
    builder = _builder("csserv", ca.subject, key.public_key(), DAYS)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(x509.ExtendedKeyUsage(_USAGES), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(False, None), critical=True)
    _write(folder / "key.pem", _key_bytes(key))
    cert = builder.sign(ca_key, hashes.SHA256())
    _write(folder / "cert.pem", cert.public_bytes(serialization.Encoding.PEM))
    return [folder / name for name in ("ca.pem", "ca-key.pem", "cert.pem", "key.pem")]


def make_own_certificates(home: Path) -> Path:
    """Return the folder of the certificates of a home's own cluster; they are made if need be.

    Only the process that leads the home may call it.
    """
    folder = home / OWN_TLS
    try:
        if days_left(folder) >= RENEW_BEFORE and tls_files(folder):
            return folder
    except (OSError, SettingsError):  # not made yet, or not whole
        pass
    make_certificates(folder, [])
    return folder


def find_certificates(tls: Path | None, home: Path, address: str) -> Path | None:
    """Return the folder of the certificates for the scheduler at an address.

    Parameters
    ----------
    tls : the setting
    home : the home folder, whose own cluster has certificates of its own
    """
    if tls is None and address.startswith("tls:") and (home / OWN_TLS).is_dir():
        return home / OWN_TLS
    return tls


def read_security(folder: Path | None) -> Security | None:
    """Return dask's TLS settings; None if there is no folder.

    Raises
    ------
    SettingsError : a file is missing, or the certificate has expired
    """
    if folder is None:
        return None
    from distributed import Security

    ca, cert, key = tls_files(folder)
    return Security(
        require_encryption=True,
        tls_ca_file=str(ca),
        **{f"tls_{role}_cert": str(cert) for role in ("client", "scheduler", "worker")},
        **{f"tls_{role}_key": str(key) for role in ("client", "scheduler", "worker")},
    )


def tls_files(folder: Path) -> tuple[Path, Path, Path]:
    """Return the paths of the CA, the certificate and its key.

    Raises
    ------
    SettingsError : a file is missing, or the certificate has expired
    """
    ca, cert, key = (folder / name for name in ("ca.pem", "cert.pem", "key.pem"))
    for path in (ca, cert, key):
        if not path.is_file():
            raise SettingsError(f"CSSERV_TLS: {path} is missing; make it with: csserv certificates")
    if days_left(folder) < 0:
        raise SettingsError(
            f"{cert} has expired on {_expiry(folder):%Y-%m-%d}; make another with: "
            "csserv certificates"
        )
    return ca, cert, key


def days_left(folder: Path) -> int:
    """Return how many days the certificate is still valid; negative if it has expired."""
    return (_expiry(folder) - datetime.now(UTC)).days


def _expiry(folder: Path) -> datetime:
    try:
        cert = x509.load_pem_x509_certificate((folder / "cert.pem").read_bytes())
    except ValueError as error:
        raise SettingsError(f"{folder / 'cert.pem'} is no certificate: {error}") from None
    return cert.not_valid_after_utc


def _make_ca(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "csserv private CA")])
    builder = _builder("csserv private CA", name, key.public_key(), CA_DAYS)
    builder = builder.add_extension(x509.BasicConstraints(True, 0), critical=True)
    cert = builder.sign(key, hashes.SHA256())
    _write(folder / "ca.pem", cert.public_bytes(serialization.Encoding.PEM))
    _write(folder / "ca-key.pem", _key_bytes(key))
    return cert, key


def _read_ca(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    try:
        cert = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        key = serialization.load_pem_private_key((folder / "ca-key.pem").read_bytes(), None)
    except (OSError, ValueError) as error:
        raise SettingsError(f"the CA in {folder} cannot be read: {error}") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SettingsError(f"{folder / 'ca-key.pem'} is no elliptic-curve key, as csserv makes")
    return cert, key


def _builder(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks of machines differ
        .not_valid_after(now + timedelta(days=days))
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes) -> None:
    """Write a file atomically that only its owner may read."""
    with written_whole(path, private=True, alone=True) as draft:
        draft.write_bytes(content)
