"""The attributes of uvicorn's WebSocket protocol, as slots: without a `__dict__` in use, a socket takes less memory."""

from __future__ import annotations

UVICORN_SLOTS = (
    *("access_logger", "app", "app_state", "asgi_version", "client", "close_sent", "close_timeout", "close_timer"),
    *("config", "conn", "connections", "curr_msg_data_type", "default_headers", "disconnected", "frames"),
    *("handshake_complete", "handshake_initiated", "initial_response", "last_ping_rtt", "logger", "loop"),
    *("pending_ping_payload", "ping_interval", "ping_sent_at", "ping_timeout", "ping_timer", "pong_timer"),
    *("queue", "read_paused", "request", "response", "root_path", "scheme", "scope", "server", "server_state"),
    *("tasks", "transport", "writable"),
)
"""The attributes that the base class sets. An attribute that a newer uvicorn adds goes into `__dict__`."""
