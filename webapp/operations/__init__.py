"""What whoever runs the app asks of it: is it ready, what does it count, what does it log.

readiness.py       in: the engine's parts. Out: which of them keeps this process from serving.
stopping.py        in: the signal that stops the process. Out: a call, before the server closes anything.
metrics.py         in: what the engine tells its observer. Out: numbers in Prometheus's text format.
tally.py           in: one number after the other. Out: a histogram's buckets, once a second.
metrics_folder.py  in: processes of one machine. Out: the folder in which each keeps its numbers for all.
request_ids.py     in: requests and handshakes. Out: the short id that every line of the log about one carries.
pages.py           /readyz and /metrics.
"""
