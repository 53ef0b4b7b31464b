"""What the kernel says about a process: its processor time and its memory. Linux only."""

import os
import resource
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """Return `pid` and all its living descendants."""
    found = [pid]
    # A process of a database may end between being listed and being read.
    with suppress(FileNotFoundError, ProcessLookupError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                found += tree(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """Return the user and system time, in seconds, of `pid` and its descendants, past ones too; steps of 10 ms."""
    return sum(_ticks(each) for each in tree(pid)) / _TICKS


def _ticks(pid: int) -> int:
    try:
        # The name in brackets may itself hold spaces and brackets.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    # Its own time, and that of its children that ended.
    return sum(map(int, fields[11:15]))


def children_seconds() -> float:
    """Return the processor time, in seconds, of this process's children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def memory_kb(pid: int) -> int:
    """Return the proportional set size (PSS), in KiB, of `pid` and its descendants."""
    return sum(_pss(each) for each in tree(pid))


def _pss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "Pss":
            return int(value.split()[0])
    raise LookupError(f"the kernel gives no PSS for process {pid}")


def core_seconds(core: int) -> float:
    """Return for how many seconds since boot `core` was not free to run more."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name == f"cpu{core}":
            # Stolen time is what a virtual machine's host gave to somebody else.
            user, nice, system, _idle, _iowait, irq, softirq, stolen = map(int, fields[:8])
            return (user + nice + system + irq + softirq + stolen) / _TICKS
    raise LookupError(f"this machine has no core {core}")
