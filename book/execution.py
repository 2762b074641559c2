"""Run a notebook's code cells in a kernel, so that what one cell does costs no other its result (used by make grade).

A cell that runs too long is interrupted. One that goes on all the same, or ends its kernel, gets a new kernel in its
place, in which the cells before it are run again without it.
"""

import queue
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import contained
import zmq
from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbformat.v4 import new_output, output_from_msg

GRACE = 5.0  # seconds that an interrupted cell gets to end
START = 60.0  # seconds that a kernel gets to start
MOST_TEXT = 100_000  # characters of a cell's printed text that are kept
MOST_BYTES = 10 << 20  # of all outputs of a cell
LARGEST_MESSAGE = 64 << 20  # bytes; the kernel is a stranger's, and its messages are read here
MOST_RESTARTS = 8
TOO_LONG = "ran longer than"


@dataclass
class Done:
    """What became of a cell: its outputs, what went wrong in one line, and whether it took its kernel along."""

    outputs: list[Any] = field(default_factory=list)
    problem: str = ""
    ended: bool = False

    @property
    def size(self) -> int:
        """How many characters the outputs hold."""
        return sum(len(str(output)) for output in self.outputs)

    def add(self, output: Any) -> None:
        """Keep an output while there is room; printed text is joined, and errors are told as the problem."""
        if output.output_type == "error":
            self.problem = f"{output.ename}: {output.evalue}"[:300]
        elif output.output_type == "stream":
            last = self.outputs[-1] if self.outputs else None
            if last is None or last.output_type != "stream":
                last = new_output("stream", name="stdout", text="")
                self.outputs.append(last)
            last.text = (last.text + output.text)[:MOST_TEXT]
        elif self.size + len(str(output)) <= MOST_BYTES:
            self.outputs.append(output)


class Kernel:
    """A kernel in the sandbox (`safe`) or without it; `root` must be a short path, for sockets lie in it."""

    def __init__(self, root: Path, safe: bool) -> None:
        """Write what Jupyter has to know of the kernel; start none yet."""
        self.runtime, self.jupyter = root / "r", root / "jupyter"
        if not self.jupyter.exists():
            contained.write_kernel(self.jupyter, self.runtime, safe)
        self.manager: KernelManager | None = None
        self.client: BlockingKernelClient | None = None

    def start(self) -> None:
        """Start a kernel in a folder of its own: what an earlier one left beside its sockets doesn't meet it."""
        self.stop()
        shutil.rmtree(self.runtime, ignore_errors=True)
        if self.runtime.exists():
            self.runtime.rename(self.runtime.with_name(f"r-{time.monotonic_ns()}"))
        self.runtime.mkdir()
        self.manager = KernelManager(
            kernel_name=contained.NAME,
            transport="ipc",
            connection_file=str(self.runtime / "kernel.json"),
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(self.jupyter / "kernels")]),
        )
        self.manager.context.setsockopt(zmq.MAXMSGSIZE, LARGEST_MESSAGE)
        self.manager.start_kernel(cwd=str(self.runtime), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=START)

    def stop(self) -> None:
        """End the kernel, if there is one."""
        if self.client is not None:
            self.client.stop_channels()
        if self.manager is not None:
            self.manager.shutdown_kernel(now=True)
            self.manager.context.destroy(linger=0)
        self.manager = self.client = None

    def run(self, source: str, seconds: float) -> Done:
        """Run one cell."""
        assert self.client is not None
        assert self.manager is not None
        done, interrupted = Done(), False
        asked = self.client.execute(source, allow_stdin=False, stop_on_error=False)
        end = time.monotonic() + seconds
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=0.5)
            except queue.Empty:
                if not self.manager.is_alive():
                    return Done(done.outputs, "ended its kernel: out of memory, or stopped by its own code", ended=True)
                message = None
            except Exception:  # a message that is none: the kernel is a stranger's
                message = None
            if message is not None and message["parent_header"].get("msg_id") == asked:
                kind = message["msg_type"]
                if kind == "status" and message["content"]["execution_state"] == "idle":
                    break
                if kind in ("stream", "display_data", "execute_result", "error"):
                    with suppress(Exception):  # the same
                        done.add(output_from_msg(message))
            if time.monotonic() > end:
                if interrupted:
                    why = f"{TOO_LONG} {seconds:g} s, and could not be interrupted"
                    return Done(done.outputs, why, ended=True)
                self.manager.interrupt_kernel()
                interrupted, end = True, time.monotonic() + GRACE
        if interrupted:
            done.problem = f"{TOO_LONG} {seconds:g} s"
        return done


def run(sources: list[str], root: Path, safe: bool, seconds: float) -> list[Done]:
    """Run code cells one after another and return what became of each; all together get `contained.MOST_SECONDS`."""
    kernel, results, spent, restarts = Kernel(root, safe), list[Done](), 0.0, 0
    try:
        kernel.start()
        for source in sources:
            if spent > contained.MOST_SECONDS or restarts > MOST_RESTARTS:
                results.append(Done(problem=f"not run: the notebook's {contained.MOST_SECONDS} s were over"))
                continue
            start = time.monotonic()
            results.append(kernel.run(source, seconds))
            spent += time.monotonic() - start
            while results[-1].ended and restarts <= MOST_RESTARTS:
                restarts += 1
                kernel.start()
                if replayed(kernel, sources, results, seconds):
                    break
    finally:
        kernel.stop()
    return results


def replayed(kernel: Kernel, sources: list[str], results: list[Done], seconds: float) -> bool:
    """Run again, in a new kernel, what ran to its end before; tell whether that kernel is still there."""
    for source, before in zip(sources, list(results), strict=False):
        if not before.ended and not before.problem.startswith(TOO_LONG):
            again = kernel.run(source, seconds)
            if again.ended:
                before.ended = True
                return False
    return True
