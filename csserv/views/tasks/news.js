// News of tasks: one socket for all that shows them on a page; see csserv/http/task_news.py.

// until a line that was lost is sought again, at least [ms]
const REST = 2000;

function newsroom(address) {
  const url = new URL(address, location.href), listeners = new Set();
  url.protocol = url.protocol.replace("http", "ws");
  url.search = url.hash = "";
  let socket = null;
  const open = () => {
    if (socket || !listeners.size) return;
    socket = new WebSocket(url);
    socket.onmessage = ({data}) => {
      const news = JSON.parse(data);
      for (const tell of listeners) tell(news);
    };
    socket.onclose = ({code}) => {
      socket = null;
      // 1008: nobody is let in any more
      if (code != 1008) setTimeout(open, REST * (1 + 4 * Math.random()));
    };
  };
  return (tell) => {
    listeners.add(tell);
    open();
    return () => {
      listeners.delete(tell);
      if (!listeners.size) socket?.close();
    };
  };
}

// Tell of each task that moves, as long as the model is shown.
function follow(model, tell) {
  if (!model.news) return;
  globalThis.csservNews ??= newsroom(model.news);
  model.on("remove", globalThis.csservNews((news) => news.forEach(tell)));
}

