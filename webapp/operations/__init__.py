"""Tells the programs that watch the app whether a process is ready, what it counts, and what it logs.

In: the engine's parts, and what the engine tells its observer.
Out: the pages /livez, /readyz and /metrics, and the ids in the log.

    readiness.py       in: the engine's parts. Out: which of them keeps this process from serving.
    stopping.py        in: the signal that stops the process. Out: a call, before the server closes anything.
    metrics.py         in: what the engine tells its observer. Out: numbers in Prometheus's text format.
    task_metrics.py    in: the rows of background tasks. Out: numbers in the same format
    tally.py           in: single numbers. Out: a histogram's buckets, once a second.
    metrics_folder.py  in: processes of one machine. Out: the folder in which each keeps its numbers for all.
    request_ids.py     in: requests and handshakes. Out: the short id that every line of the log about one carries.
    pages.py           the pages
"""

from webapp.operations.metrics import Metrics
from webapp.operations.metrics_folder import shared_folder
from webapp.operations.readiness import Readiness
from webapp.operations.request_ids import RequestIds, request_id
from webapp.operations.stopping import told_of_stop

__all__ = ["Metrics", "Readiness", "RequestIds", "request_id", "shared_folder", "told_of_stop"]
