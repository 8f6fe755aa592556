"""The Jupyter face: handles that stand for tasks, in a real kernel and without one."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.lib.pretty import pretty

import csserv
from csserv import Area, Settings, TaskState
from csserv.errors import CsservError, TaskCancelledError, TaskNotFoundError
from csserv.notebook.handles import TaskHandle
from csserv.notebook.service import NotebookService
from csserv.request import Options
from csserv.service import Service

BOX = Area.from_box(30, 0, 32, 2)


@pytest.fixture
def service(settings: Settings) -> Iterator[NotebookService]:
    with NotebookService(Service(settings, starts_runner=False)) as service:
        yield service


def test_handle_says_how_the_task_stands_now(service: NotebookService):
    task = service.submit("rain", "mean", BOX, "2019-01")
    assert (task.state, task.progress, task.attempt) == (TaskState.QUEUED, 0.0, 0)
    assert repr(task).startswith(f"mean of rain, {BOX.title}, 2019-01-01/2019-01-31: queued 0%")
    assert task.cancel().state is TaskState.CANCELLED
    assert task.state is TaskState.CANCELLED
    assert "request" in dir(task)
    with pytest.raises(AttributeError, match="stat"):
        _ = task.stat


def test_tasks_in_a_cell_are_a_line_each(service: NotebookService):
    task = service.submit("rain", "mean", BOX, "2019-01")
    shown = f"mean of rain, {BOX.title}, 2019-01-01/2019-01-31: queued 0% ({task.id})"
    assert pretty(task.now()) == shown
    assert pretty(service.tasks()) == f"[{shown}]"
    assert pretty(service.group([task.id])) == "1 task: 1 queued 0%"


def test_handle_stands_for_its_task_wherever_one_is_wanted(service: NotebookService):
    task = service.submit("rain", "mean", BOX, "2019-01")
    assert service.cancel(task).id == task.id
    assert service.wait(task).state is TaskState.CANCELLED
    assert [one.state for one in service.watch(task)] == [TaskState.CANCELLED]
    assert service.group([task.id]).is_final
    assert len(service.tasks()) == 1


def test_task_is_taken_up_again_by_its_id(service: NotebookService):
    task = service.submit("rain", "mean", BOX, "2019-01")
    with NotebookService(Service(service.settings, starts_runner=False)) as other:
        again = other.task(task.id)
        assert again == task
        assert again.cancel().state is TaskState.CANCELLED
        with pytest.raises(TaskNotFoundError):
            other.task("nobody")
    assert task.state is TaskState.CANCELLED


def test_awaiting_a_task_leaves_the_loop_free(service: NotebookService):
    task = service.submit("rain", "mean", BOX, "2019-01")

    async def wait() -> tuple[TaskState, TaskState]:
        waiting = asyncio.ensure_future(_awaited(task))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        return task.cancel().state, await waiting

    assert asyncio.run(wait()) == (TaskState.CANCELLED, TaskState.CANCELLED)


async def _awaited(task: TaskHandle) -> TaskState:
    return (await task).state


def test_group_is_awaited_and_cancelled_together(service: NotebookService):
    group = service.submit_many("rain", ["mean", "max"], BOX, "2019-01")
    assert repr(group) == "2 tasks: 2 queued 0%"
    assert len(group) == 2
    group.cancel()
    assert group.wait().progress == group.progress == 1.0
    assert {task.state for task in group} == {TaskState.CANCELLED}


def test_what_is_of_another_kind_is_refused_in_words(service: NotebookService):
    def refused(said: str, call: Callable[[], object]) -> None:
        with pytest.raises(CsservError, match=said):
            call()

    refused(
        "a str is no GeoDataFrame; submit", lambda: service.map_zones("a", "rain", "mean", "2019")
    )
    refused("write {.precipitation.: rain", lambda: service.index_of(["a"], "spei"))
    for share in ("much", 101, None, float("nan"), [80]):
        refused("valid steps is .*; allowed are 0 to", partial(Options, least_valid=share))
    assert Options(least_valid="75").least_valid == 75


def test_index_of_several_takes_handles(service: NotebookService):
    task = service.submit("rain", "mean", BOX, "2019-01")
    task.cancel()
    with pytest.raises(TaskCancelledError):
        service.index_of({"precipitation": task}, "spei")


def test_service_keeps_its_own_methods_and_words(service: NotebookService):
    assert {"submit", "datasets", "explain", "layers"} <= set(dir(service))
    assert service.layers("country", "ken")
    assert "least_valid" in inspect.signature(service.submit).parameters
    with pytest.raises(AttributeError, match="sumbit"):
        service.sumbit()


def test_steps_known_so_far_are_none_before_a_task_runs(service: NotebookService):
    task = service.submit("rain", "mean", BOX, "2019-01")
    part = task.partial()
    assert (len(part), part.share) == (0, 0.0)
    assert repr(part).startswith(f"mean of rain, {BOX.title}: 0 steps known")
    assert service.partial(task).to_dataframe().empty


@pytest.mark.slow
def test_demo_answers_and_leaves_nothing_behind(tmp_path: Path):
    script = """
import csserv
if __name__ == "__main__":
    service = csserv.demo()
    print(service._service.settings.home.parent)
    task = service.submit("chirps", "mean", "Kenya/Nairobi", "2019-01")
    print(len(service.result(task).to_dataframe()), len(task.partial()))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    folder, counted = done.stdout.split("\n", 1)
    assert counted == "31 31\n"
    assert not Path(folder).exists()
    assert list(tmp_path.iterdir()) == []


def test_terminal_shows_one_line(service: NotebookService, capsys: pytest.CaptureFixture[str]):
    InteractiveShell.clear_instance()
    task = service.submit("rain", "mean", BOX, "2019-01")
    task._ipython_display_()
    assert capsys.readouterr().out.strip() == repr(task)


@pytest.mark.slow
def test_bar_moves_in_a_kernel_while_it_is_free_and_the_button_goes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    for name in ("home", "data", "catalog"):
        monkeypatch.setenv(f"CSSERV_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setenv("CSSERV_WORKERS", "1")
    monkeypatch.setenv("PYTHONPATH", str(Path(csserv.__file__).parent.parent))
    lines = [
        "import csserv\nservice = csserv.connect()\nbox = csserv.Area.from_box(30, 0, 32, 2)",
        "task = service.submit('rain', 'mean', box, '2019-01')\ntask",
        "print((await task).state)",
        "import threading\nfor one in threading.enumerate():\n"
        "    if one.name == 'csserv-progress':\n        one.join(60)\n"
        "service.result(task).to_xarray().values[:3]",
    ]
    import nbformat  # takes a third of a second, at each collection of the tests
    from nbclient import NotebookClient

    cells = [nbformat.v4.new_code_cell(line) for line in lines]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=120).execute()
    shown = [out["data"] for out in cells[1].outputs if "data" in out]
    drawn = [data["text/html"] for data in shown if "csserv-progress" in data.get("text/html", "")]
    assert len(drawn) == 1  # replaced where it stood
    assert "succeeded, 100 %" in drawn[0]
    assert shown[-1] == {"text/html": "", "text/plain": ""}  # where the button was
    assert cells[2].outputs[0]["text"] == "succeeded\n"
    assert cells[3].outputs[0]["data"]["text/plain"] == "array([1., 2., 3.])"
