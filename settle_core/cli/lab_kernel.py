"""The kernels of `settle lab`: this Python, and nothing of the folder that a notebook stands in.

A kernel puts its folder at the head of the path that modules are found on: a `pandas.py` beside an
export would run instead of pandas. Python's safe path (`-P`) leaves that folder out. And whatever
the reader's own settings call `python3`, the kernel is the Python that settle-core is installed in.
"""

import sys
from typing import Final

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

NAME: Final = "python3"  # as every notebook has it


class Specs(KernelSpecManager):
    """The kernels that there are, of which `python3` is this one."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The specification of a kernel."""
        spec: KernelSpec = super().get_kernel_spec(kernel_name)
        if kernel_name == NAME:
            spec.argv = [
                sys.executable,
                "-P",
                "-m",
                "ipykernel_launcher",
                "-f",
                "{connection_file}",
            ]
            spec.env = {}
        return spec
