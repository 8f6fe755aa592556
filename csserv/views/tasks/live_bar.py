"""The live progress bar of a task in a notebook, with a button that cancels.

The bar is HTML that a thread replaces (``update_display_data`` of the Jupyter protocol). A widget
cannot change before the browser has answered the kernel, which it does not while a later cell is
running, and it needs an extension in the front end. HTML changes in every front end, and is saved
in the notebook in its last state. Only the button is a widget, of ipywidgets:
JupyterLab, Notebook 7, VS Code and Colab know these, and it weighs 1 kB where Panel's put 3 MB
into the notebook.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from csserv.errors import CsservError
from csserv.tasks.log.progress import Progress
from csserv.tasks.log.task import Task
from csserv.tasks.log.task_group import TaskGroup
from csserv.views.tasks.progress_bar import cancel_button, progress_bar

#: time between two looks at the log [s]
INTERVAL = 0.2


def show(
    read: Callable[[], Task | TaskGroup], cancel: Callable[[], object], text: str
) -> threading.Thread | None:
    """Show a bar that is updated in the background, and a cancel button; a text in a terminal.

    Parameters
    ----------
    read : returns the task, or the tasks, as they are now
    cancel : cancels them
    text : printed in a terminal instead

    Returns
    -------
    the thread that updates the bar, until all tasks have ended or the log is gone
    """
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    if not hasattr(get_ipython(), "kernel"):
        print(text)  # noqa: T201  # a terminal's IPython asks for it
        return None
    seen = Progress.of(read())
    bar: Any = display(_drawn(seen), raw=True, display_id=True)
    remove_button = None if seen.is_final else _show_button(cancel)

    def follow() -> None:
        latest = seen
        with suppress(CsservError, OSError):  # the log is gone: nothing more to show
            while not latest.is_final:
                time.sleep(INTERVAL)
                if (current := Progress.of(read())) != latest:
                    bar.update(_drawn(current), raw=True)
                    latest = current
        if remove_button is not None:
            remove_button()

    thread = threading.Thread(target=follow, daemon=True, name="csserv-progress")
    thread.start()
    return thread


def _drawn(progress: Progress) -> dict[str, str]:
    return {"text/html": progress_bar(progress), "text/plain": str(progress)}


def _show_button(cancel: Callable[[], object]) -> Callable[[], None]:
    """Show the button; return a function that removes it, also from the saved notebook."""
    from IPython.display import display

    button = cancel_button(cancel)
    shown: Any = display(button, display_id=True)

    def remove() -> None:
        shown.update({"text/html": "", "text/plain": ""}, raw=True)
        button.close()

    return remove
