"""The documentation as a site: `make docs`. Notebooks are shown as they were executed."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
with (ROOT / "pyproject.toml").open("rb") as file:
    release = tomllib.load(file)["project"]["version"]

project = "settle-core"
extensions = ["myst_nb"]
root_doc = "docs/index"
include_patterns = [
    "docs/index.md",
    "docs/decisions/*.md",
    "notebooks/docs/*.ipynb",
    "notebooks/docs/*.md",
    "data/README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
]
exclude_patterns = [
    ".venv",
    ".git",
    "runs",
    "site",
    "tests",
    "settle_core",
    "**/.ipynb_checkpoints",
]

nb_execution_mode = "off"  # nbval holds the outputs to what the code gives
nb_merge_streams = True  # what a command prints is one block, however it was written
# The picture beside it is shown, where an output has one for JupyterLab too.
suppress_warnings = ["mystnb.unknown_mime_type"]
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # nothing is fetched from elsewhere
myst_heading_anchors = 3
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "monokai"

html_theme = "furo"
html_title = "settle-core"
html_static_path = ["static", str(ROOT / "settle_core/report/template/piece.css")]
html_css_files = ["piece.css", "site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
