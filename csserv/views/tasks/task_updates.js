// Updates of running tasks, by one websocket a page; see csserv/http/task_broadcast.py.

// shortest time before a lost connection is opened again [ms]
const RECONNECT_AFTER = 2000;

// Return a function that adds a listener, and returns one that removes it; the websocket is open
// while there are listeners.
function updatesFrom(address) {
  const url = new URL(address, location.href), listeners = new Set();
  url.protocol = url.protocol.replace("http", "ws");
  url.hash = "";
  url.search = `?lang=${encodeURIComponent(document.documentElement.lang)}`;
  let socket = null;
  const open = () => {
    if (socket || !listeners.size) return;
    socket = new WebSocket(url);
    socket.onmessage = ({data}) => {
      const tasks = JSON.parse(data);
      for (const listener of listeners) listener(tasks);
    };
    socket.onclose = ({code}) => {
      socket = null;
      // 1008: the page has no access any more
      if (code != 1008) setTimeout(open, RECONNECT_AFTER * (1 + 4 * Math.random()));
    };
  };
  return (listener) => {
    listeners.add(listener);
    open();
    return () => {
      listeners.delete(listener);
      if (!listeners.size) socket?.close();
    };
  };
}

// Call a function with each task that changes, as long as the model is shown.
function follow(model, update) {
  if (!model.socket) return;
  globalThis.csservTaskUpdates ??= updatesFrom(model.socket);
  model.on("remove", globalThis.csservTaskUpdates((tasks) => tasks.forEach(update)));
}

