"""A password given on the command line is not to be read in the list of processes."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from settle_core.cli.main import main


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc to look at")
@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_password_leaves_list_of_processes(scheme: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        url = f"{scheme}://reader:s3cret@127.0.0.1:{port}/ledger"
        settle = [sys.executable, "-c", "from settle_core.cli.main import main; main()"]
        command = [*settle, "pull", url, "--out", str(tmp_path / "out")]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as pull:
            server.settimeout(60)
            with server.accept()[0]:
                shown = Path(f"/proc/{pull.pid}/cmdline").read_bytes()
            assert pull.stderr
            said = pull.stderr.read()
        assert b"pull" in shown
        assert b"s3cret" not in shown
        assert said.startswith("settle: no connection to ")
        assert "s3cret" not in said


@pytest.mark.parametrize("port", ["0", "65536", "80x"])
def test_a_port_that_there_is_not_is_refused_and_no_server_started(
    port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """JupyterLab listens at another one, and says the address of the one that there is not."""
    with pytest.raises(SystemExit) as ended:
        main(["lab", "--no-browser", "--port", port])
    assert ended.value.code == 2
    assert "Invalid value for '--port'" in capsys.readouterr().err
