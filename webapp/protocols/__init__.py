"""uvicorn's protocols with a bound on what one client may cost.

    connection.py   one TCP connection: small reads, and either protocol behind them
    table.py        all connections of a process: caps, deadlines, memory that unfinished requests hold
    http.py         uvicorn's httptools protocol with limits on a request, and one request at a time
    pieces.py       what the parsers of httptools and websockets are given
    size.py         how large the present request is, and the memory that it holds
    refusal.py      the answer to a refused request, and the end of its connection
    flow.py         when to read on
    websocket.py    uvicorn's WebSocket protocol: little memory per socket, prepared frames, bounded frames
    frames.py       websockets' parser with a budget for frames that carry no message
    inbox.py        the queue between the protocol and the app
    limits.py       every number
    descriptors.py  how many connections fit into the file descriptors
    log.py          log lines that a client can cause at will

docs/security.md says what each bound is for. The app serves the same pages under a stock ASGI server without them.
"""
