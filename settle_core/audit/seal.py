"""The seal of a run: an Ed25519 signature over its manifest, and so over every file of it.

`seal.json` holds the SHA-256 of manifest.json, the instant, the public key and the signature. What
is signed are these four lines of UTF-8, each ended by a line feed:

    settle-seal-1
    the SHA-256 of manifest.json, in hexadecimal
    the instant, as `sealed_at` has it
    the public key, as `public_key` has it

Keys are files as `openssl genpkey -algorithm ed25519` writes them. Needs the extra `seal`.
"""

import base64
import binascii
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from settle_core.audit import run_folder
from settle_core.errors import Fault

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FORMAT: Final = "settle-seal-1"
KEYS: Final = ("format", "algorithm", "manifest_sha256", "sealed_at", "public_key", "signature")
TODO: Final = "make one with openssl genpkey -algorithm ed25519 -out key.pem"


class Sealed(NamedTuple):
    """What a seal says: what differs, what it shows, and whether a trusted key made it."""

    differences: tuple[tuple[str, str, str, str], ...]
    sentence: str
    is_trusted: bool


def write(folder: Path, key_file: Path) -> str:
    """Seal a run folder.

    Args:
        folder: of the run.
        key_file: a private key of Ed25519, PEM.

    Returns:
        The public key, as the seal has it.

    Raises:
        Fault: not a run folder, sealed already, or no such key.
    """
    manifest = run_folder.file(folder, run_folder.MANIFEST)
    path = folder / run_folder.SEAL
    if path.exists():
        raise Fault("the run is sealed already", where=str(path), todo="settle verify says by whom")
    key = _private_key(key_file)
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    sealed_at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    digest = run_folder.sha256_file(manifest)
    signature = base64.b64encode(key.sign(_message(digest, sealed_at, public))).decode()
    values = (FORMAT, "Ed25519", digest, sealed_at, public, signature)
    part = folder.parent / f".{folder.name}.{run_folder.SEAL}"
    part.write_text(_text(dict(zip(KEYS, values, strict=True))), "utf-8")
    part.replace(path)
    return public


def check(folder: Path, trusted: str | None) -> Sealed:
    """Check the seal of a run.

    Args:
        folder: of the run.
        trusted: the public key that must have made it; None: any.
    """
    name = run_folder.SEAL
    path = folder / name
    if not path.is_file():
        expected = f"one of the key {trusted}"
        return Sealed(((name, "seal", expected, "none"),) if trusted else (), "", is_trusted=False)
    told = _told(path)
    if told is None:
        wanted = ("as settle seal writes it", "another content")
        return Sealed(((name, "content", *wanted),), "", is_trusted=False)
    found = run_folder.sha256_file(folder / run_folder.MANIFEST)
    differences = []
    if found != told["manifest_sha256"]:
        of = told["manifest_sha256"][:12]
        differences.append((run_folder.MANIFEST, "sha256 that was sealed", of, found[:12]))
    if not _is_signed(told):
        said = (f"one of the key {told['public_key']}", "one that is not")
        differences.append((name, "signature", *said))
    if trusted and told["public_key"] != trusted:
        differences.append((name, "key", trusted, told["public_key"]))
    whose = "the trusted key" if trusted else "the key"
    sentence = f"sealed at {told['sealed_at']} by {whose} {told['public_key']}"
    is_trusted = bool(trusted) and not differences
    return Sealed(tuple(differences), "" if differences else sentence, is_trusted)


def public_key(file: Path) -> str:
    """The public key of a PEM file, which may hold the private one, as a seal has it.

    Raises:
        Fault: there is none in it.
    """
    serialization, ed25519 = _library()
    content = _content(file)
    try:
        if b"PRIVATE KEY" in content:
            key = serialization.load_pem_private_key(content, None).public_key()
        else:
            key = serialization.load_pem_public_key(content)
    except (ValueError, TypeError) as error:
        raise _no_key(file, "a public key of Ed25519, PEM") from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise _no_key(file, "a public key of Ed25519, PEM")
    return base64.b64encode(key.public_bytes_raw()).decode()


def _private_key(file: Path) -> "Ed25519PrivateKey":
    serialization, ed25519 = _library()
    try:
        key: object = serialization.load_pem_private_key(_content(file), None)
    except (ValueError, TypeError) as error:
        raise _no_key(file, "a private key of Ed25519, PEM, without a password") from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise _no_key(file, "a private key of Ed25519, PEM")
    return cast("Ed25519PrivateKey", key)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        found = error.strerror or "no such file"
        raise Fault("the key cannot be read", where=str(file), found=found, todo=TODO) from error


def _no_key(file: Path, expected: str) -> Fault:
    return Fault("no such key", where=str(file), expected=expected, found="none", todo=TODO)


def _library() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  an extra
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415
    except ModuleNotFoundError as error:
        todo = "install the package with its extra seal: pip install 'settle-core[seal]'"
        raise Fault("seals need the library cryptography", todo=todo) from error
    return serialization, ed25519


def _message(digest: str, sealed_at: str, public: str) -> bytes:
    return f"{FORMAT}\n{digest}\n{sealed_at}\n{public}\n".encode()


def _text(told: dict[str, str]) -> str:
    return json.dumps(told, indent=2) + "\n"


def _told(path: Path) -> dict[str, str] | None:
    """What a seal says, None if it is not as it was written, to the byte."""
    content = path.read_bytes()
    try:
        told = json.loads(content)
    except ValueError:
        return None
    is_whole = (
        isinstance(told, dict) and tuple(told) == KEYS and set(map(type, told.values())) == {str}
    )
    if not is_whole or _text(told).encode() != content:
        return None
    is_known = told["format"] == FORMAT and told["algorithm"] == "Ed25519"
    return told if is_known else None


def _is_signed(told: dict[str, str]) -> bool:
    _, ed25519 = _library()
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  an extra

    message = _message(told["manifest_sha256"], told["sealed_at"], told["public_key"])
    try:
        key = ed25519.Ed25519PublicKey.from_public_bytes(_bytes(told["public_key"]))
        key.verify(_bytes(told["signature"]), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _bytes(text: str) -> bytes:
    """Of base64 in its one canonical form: another one of the same bytes is another text."""
    content = base64.b64decode(text, validate=True)
    if base64.b64encode(content).decode() != text:
        raise binascii.Error("not canonical")
    return content
