// Favourites that a browser keeps, each under a key of its own: tabs that save at once lose nothing.
// Where the browser keeps nothing, because it may not or is full, they last as long as the page.
const browserStore = (kind) => {
  const start = `csserv:${kind}:`, spare = new Map();

  // The storage, or null where the browser refuses it.
  const storage = () => {
    try { return window.localStorage } catch { return null }
  };

  const titles = () => {
    const found = new Set(spare.keys());
    try {
      const kept = storage();
      for (let i = 0; i < (kept?.length ?? 0); i++)
        if (kept.key(i).startsWith(start)) found.add(kept.key(i).slice(start.length));
    } catch { /* it was refused meanwhile */ }
    return [...found].sort((one, other) => one.localeCompare(other));
  };

  const text = (title) => {
    try { return spare.get(title) ?? storage()?.getItem(start + title) ?? null } catch { return null }
  };

  // Return what is saved under a title, or null if it is gone or cannot be read.
  const find = (title) => {
    try {
      const found = JSON.parse(text(title));
      return found && {query: String(found.query), shape: String(found.shape ?? "")};
    } catch { return null }
  };

  // Keep a text under a title; say whether the browser keeps it, or the page only.
  const write = (title, plain) => {
    try {
      const kept = storage();
      if (!kept) throw new Error("refused");
      kept.setItem(start + title, plain);
      spare.delete(title);
      return true;
    } catch {
      spare.set(title, plain);
      return false;
    }
  };

  const remove = (title) => {
    spare.delete(title);
    try { storage()?.removeItem(start + title) } catch { /* then it has none */ }
  };

  const put = (title, query, shape) => write(title, JSON.stringify({query, shape}));

  // Write under the new title first: at no moment there is none.
  const rename = (title, to) => {
    const plain = text(title);
    if (plain === null) return null;
    if (to == title) return !spare.has(title);
    const isKept = write(to, plain);
    remove(title);
    return isKept;
  };

  return {start, titles, find, put, rename, remove, lastsAsPage: (title) => spare.has(title)};
};
