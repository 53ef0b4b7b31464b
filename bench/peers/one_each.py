"""This app with its group commit taken away: each message has a transaction, and so a commit, of its own.

Everything else is as it is: the same sockets, checks, triggers, frames and deliveries.
"""

import sys

from webapp import cli
from webapp.live.writing import writer

if __name__ == "__main__":
    writer.BATCH = 1
    sys.exit(cli.main())
