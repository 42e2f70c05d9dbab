// The stream of states and pictures: keeps the connection, and says how it is.

const SILENCE_MS = 4000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5000;
const REASON_MS = 2000;
const TOO_MANY = 1013;
const LOST = "Connection lost, reconnecting…";
const NEW_TOKEN =
  "The page's token has changed: open its new address, which the node printed when it started.";

export class Stream {
  // handlers: message(object), picture(head, blob) that may be awaited, up(), down(reason)
  constructor(handlers) {
    this.handlers = handlers;
    this.retryMs = FIRST_RETRY_MS;
    this.socket = null;
    this.isLive = false;
    this.reason = LOST;
    this.losses = 0;
    setInterval(() => this.watch(), 1000);
    addEventListener("online", () => this.retrySoon());
    this.connect();
  }

  // At most one connection is open, whoever asks for it.
  connect() {
    clearTimeout(this.timer);
    this.socket?.close();
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
        this.reason = LOST;
        this.isLive = true;
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

  // Told at once, whether or not the server can say why.
  lose(socket, event) {
    if (socket !== this.socket) {
      return;
    }
    socket.close();
    this.socket = null;
    this.isLive = false;
    this.losses += 1;
    this.timer = setTimeout(() => this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
    if (event.code === TOO_MANY) {
      this.handlers.down(`Not connected: ${event.reason}. Trying again…`);
    } else {
      this.handlers.down(this.reason);
      this.explain(this.losses);
    }
  }

  async explain(loss) {
    const reason = await reasonOfLoss();
    if (loss === this.losses && !this.isLive && reason !== this.reason) {
      this.reason = reason;
      this.handlers.down(reason);
    }
  }

  retrySoon() {
    if (this.socket === null) {
      this.connect();
    }
  }

  watch() {
    if (this.socket !== null && performance.now() - this.heardMs > SILENCE_MS) {
      this.lose(this.socket, { code: 0, reason: "" });
    }
  }
}

async function reasonOfLoss() {
  try {
    const signal = AbortSignal.timeout(REASON_MS);
    const answer = await fetch("/monitor.css", { method: "HEAD", signal });
    return answer.status === 401 ? NEW_TOKEN : LOST;
  } catch {
    return LOST; // the server is away or silent
  }
}

function visible() {
  if (!document.hidden) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true });
  });
}
