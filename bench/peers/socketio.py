"""A chat room on Socket.IO 4. It is JavaScript for Node, kept as text; no browser sees it.

The options are those that its documentation gives for speed: WebSocket only, no compression, bufferutil
installed beside it, and the first HTTP request of each connection released.
"""

_OPENED = """
const { createServer } = require("node:http");
const { Server } = require("socket.io");

const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  perMessageDeflate: false,
  httpCompression: false,
  serveClient: false,
});
"""

_LISTENING = """
http.listen({ port: Number(process.env.PORT), host: "127.0.0.1", backlog: 4096 });
"""

_TALKING = """
io.engine.on("connection", (connection) => {
  connection.request = null;
});

let said = 0;

io.on("connection", (socket) => {
  socket.join("room");
  socket.on("say", ({ handle, message }) => {
    said += 1;
    io.to("room").emit("message", { id: said, handle, message, at: new Date().toISOString() });
  });
});
"""

_STORING = """
const Database = require("libsql");

const database = new Database(process.env.BENCH_DATABASE);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = NORMAL");
database.exec(
  "CREATE TABLE message (id INTEGER PRIMARY KEY, room TEXT, handle TEXT, message TEXT, at TEXT);" +
  "CREATE INDEX message_of_room ON message (room, id)"
);
const insert = database.prepare("INSERT INTO message (room, handle, message, at) VALUES (?, ?, ?, ?)");

const signs = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };
const escaped = (text) => text.replace(/[&<>"']/g, (sign) => signs[sign]);
const rendered = (id, handle, message, at) =>
  `<li id="message-${id}" class="message"><b>${escaped(handle)}</b>` +
  `<time datetime="${at}">${at}</time><p>${escaped(message)}</p></li>`;

io.engine.on("connection", (connection) => {
  connection.room = connection.request._query.room;
  connection.request = null;
});

io.on("connection", (socket) => {
  const { room } = socket.conn;
  socket.join(room);
  socket.on("say", ({ handle, message }) => {
    const at = new Date().toISOString();
    const { lastInsertRowid } = insert.run(room, handle, message, at);
    io.to(room).emit("message", rendered(lastInsertRowid, handle, message, at));
  });
});
"""

SERVER = _OPENED + _TALKING + _LISTENING
"""The room, of which nothing is stored."""

STORING = _OPENED + _STORING + _LISTENING
"""Several rooms, in which each message is stored in SQLite and sent as HTML."""
