"""A seal shows who stands for a run, and can be checked by others with a few lines of their own."""

import base64
import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from settle_core.audit import audit, seal, verify
from settle_core.errors import Fault

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sealed")
    audit.run(SAMPLE).write(folder / "run")
    for name in ("key", "other"):
        write_key(folder / f"{name}.pem", ed25519.Ed25519PrivateKey.generate())
    seal.write(folder / "run", folder / "key.pem")
    return folder


def write_key(file: Path, key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    file.with_suffix(".pub").write_bytes(public)


def test_sealed_run_is_trusted_by_its_key_and_by_no_other(made: Path) -> None:
    for key in ("key.pem", "key.pub"):
        verified = verify.run(made / "run", made / key)
        assert verified.differences == ()
        assert any("by the trusted key" in each for each in verified.held)
        assert not any("without a seal" in each for each in verified.not_proved)
    (other,) = verify.run(made / "run", made / "other.pub").differences
    assert (other.file, other.what) == ("seal.json", "key")
    untrusted = verify.run(made / "run")
    assert any("without a seal" in each for each in untrusted.not_proved)


def test_others_can_check_it_without_us(made: Path) -> None:
    told = json.loads((made / "run" / "seal.json").read_text("utf-8"))
    digest = sha256((made / "run" / "manifest.json").read_bytes()).hexdigest()
    lines = ("settle-seal-1", digest, told["sealed_at"], told["public_key"])
    message = "".join(f"{line}\n" for line in lines).encode()
    key = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(told["public_key"]))
    key.verify(base64.b64decode(told["signature"]), message)


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl: the seal not checked by it")
def test_openssl_agrees(made: Path, tmp_path: Path) -> None:
    told = json.loads((made / "run" / "seal.json").read_text("utf-8"))
    digest = sha256((made / "run" / "manifest.json").read_bytes()).hexdigest()
    lines = ("settle-seal-1", digest, told["sealed_at"], told["public_key"])
    (tmp_path / "message").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    (tmp_path / "signature").write_bytes(base64.b64decode(told["signature"]))
    command: list[str | Path] = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-rawin",
        "-pubin",
        "-inkey",
        made / "key.pub",
    ]
    command += ["-in", tmp_path / "message", "-sigfile", tmp_path / "signature"]
    subprocess.run(command, check=True, capture_output=True)


def test_every_change_of_the_seal_or_of_what_it_seals_is_found(made: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(made / "run", run)
    content = (run / "seal.json").read_bytes()
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1 << place % 8
        (run / "seal.json").write_bytes(changed)
        assert seal.check(run, None).differences, place
    (run / "seal.json").write_bytes(content)
    manifest = (run / "manifest.json").read_text("utf-8")
    (run / "manifest.json").write_text(manifest + "\n", "utf-8")
    assert {d[0] for d in seal.check(run, None).differences} == {"manifest.json"}
    (run / "seal.json").unlink()
    assert seal.check(run, "AAAA").differences


def test_what_cannot_seal_is_a_fault(made: Path, tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"^the run is sealed already in "):
        seal.write(made / "run", made / "key.pem")
    shutil.copytree(made / "run", tmp_path / "run")
    (tmp_path / "run" / "seal.json").unlink()
    write_key(tmp_path / "ec.pem", ec.generate_private_key(ec.SECP256R1()))
    (tmp_path / "text.pem").write_text("no key", "utf-8")
    for name in ("ec.pem", "text.pem", "ec.pub"):
        with pytest.raises(Fault, match=r"^no such key in "):
            seal.write(tmp_path / "run", tmp_path / name)
    with pytest.raises(Fault, match=r"^the key cannot be read in "):
        seal.write(tmp_path / "run", tmp_path / "nowhere.pem")
    with pytest.raises(Fault, match=r"^not a run folder in "):
        seal.write(tmp_path, made / "key.pem")
    assert not (tmp_path / "run" / "seal.json").exists()
