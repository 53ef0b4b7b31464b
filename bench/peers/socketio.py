"""A chat room on Socket.IO 4. It is JavaScript for Node, kept as text; no browser sees it.

The options are those that its documentation gives for speed: WebSocket only, no compression, bufferutil
installed beside it, and the first HTTP request of each connection released.
"""

SERVER = """
const { createServer } = require("node:http");
const { Server } = require("socket.io");

const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  perMessageDeflate: false,
  httpCompression: false,
  serveClient: false,
});

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

http.listen({ port: Number(process.env.PORT), host: "127.0.0.1", backlog: 4096 });
"""
