"""Log lines as they may be shown: what proves stays, what names people or programs goes."""

import re
from typing import Final

SHOWN_MAX: Final = 400
_SECRET: Final = re.compile(
    r"(?i)(password|passwd|token|secret|authorization|api_?key)(['\"]?\s*[:=]\s*)('[^']*'|\"[^\"]*\"|\S+)"
)
_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_HOST: Final = re.compile(r'"(?:remote_host|remote_port|user|dbname)":(?:"[^"]*"|\d+),?')
_TEXT: Final = re.compile(r"'((?:[^']|'')*)'")
_QUOTED: Final = re.compile(r'(\["(?!user_id|account)[^"]+", )"((?:[^"\\]|\\.)*)"\]')
# Text that a proof needs: days, instants, numbers, ids of jobs, and words of the data contract.
_KEPT: Final = re.compile(
    r"[-+]?\d[\d.,:T Z+-]*|[0-9a-f]{24}|[0-9a-f-]{32,36}|[a-z]{1,10}|", re.ASCII
)


def redacted(line: str) -> str:
    """A line without free text, mail addresses, secrets and hosts, and not too long."""
    text = line.rstrip("\r\n")
    text = _SECRET.sub(r"\1\2...", text)
    text = _ADDRESS.sub("...", text)
    text = _HOST.sub("", text)
    text = _TEXT.sub(lambda m: m[0] if _KEPT.fullmatch(m[1]) else "'...'", text)
    text = _QUOTED.sub(lambda m: m[0] if _KEPT.fullmatch(m[2]) else f'{m[1]}"..."]', text)
    text = "".join(c if c.isprintable() else " " for c in text)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}..."
