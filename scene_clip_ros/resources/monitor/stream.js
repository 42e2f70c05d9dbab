// The stream of states and pictures: keeps the connection, and says how it is.

const SILENCE_MS = 4000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5000;
const TOO_MANY = 1013;

export class Stream {
  // handlers: message(object), picture(head, blob) that may be awaited, up(), down(reason)
  constructor(handlers) {
    this.handlers = handlers;
    this.retryMs = FIRST_RETRY_MS;
    this.socket = null;
    setInterval(() => this.watch(), 1000);
    addEventListener("online", () => this.retrySoon());
    this.connect();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/live`);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", (event) => this.take(socket, event.data));
    socket.addEventListener("close", (event) => this.lose(socket, event));
    this.socket = socket;
    this.heardMs = performance.now();
  }

  take(socket, data) {
    if (socket !== this.socket) {
      return;
    }
    this.heardMs = performance.now();
    if (typeof data === "string") {
      const message = JSON.parse(data);
      if (message.type === "hello") {
        this.retryMs = FIRST_RETRY_MS;
        this.handlers.up();
      }
      this.handlers.message(message);
    } else {
      this.show(socket, data);
    }
  }

  // The next picture comes when this one is shown, so a slow browser gets fewer of them.
  async show(socket, data) {
    const size = new DataView(data).getUint32(0);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, size)));
    const blob = new Blob([new Uint8Array(data, 4 + size)], { type: "image/jpeg" });
    await this.handlers.picture(head, blob);
    await visible();
    if (socket.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify({ shown: head.camera }));
    }
  }

  async lose(socket, event) {
    if (socket !== this.socket) {
      return;
    }
    this.socket = null;
    this.handlers.down(await reasonOf(event));
    this.timer = setTimeout(() => this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
  }

  retrySoon() {
    if (this.socket === null) {
      clearTimeout(this.timer);
      this.connect();
    }
  }

  watch() {
    if (this.socket !== null && performance.now() - this.heardMs > SILENCE_MS) {
      const silent = this.socket;
      this.lose(silent, { code: 0, reason: "" });
      silent.close();
    }
  }
}

async function reasonOf(event) {
  if (event.code === TOO_MANY) {
    return `Not connected: ${event.reason}. Trying again…`;
  }
  try {
    const answer = await fetch("/monitor.css", { method: "HEAD" });
    if (answer.status === 401) {
      return "The page's token has changed: open its new address, from the node's log.";
    }
  } catch {
    // The server is away: that is what is told anyway.
  }
  return "Connection lost, reconnecting…";
}

function visible() {
  if (!document.hidden) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true });
  });
}
