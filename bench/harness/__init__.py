"""The parts of every scenario: servers on their cores, sockets that load them, figures of the kernel, and tables."""
