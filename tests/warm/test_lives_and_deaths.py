"""A forked kernel is interrupted, restarted, ends and dies as a stock one; and dies with whoever it belongs to."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from salesnb.warm import warm_server
from salesnb.warm.forked import ForkedKernel
from tests.warm.kernels import MODULES, assert_alike, choose, manager, run, server_of, shown

BOTH = pytest.mark.parametrize("warm", [False, True], ids=["stock", "forked"])


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def within(seconds, condition):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def text(notebook):
    return "".join(o.get("text", "") for c in notebook.cells for o in c.outputs)


async def talk(km, *codes, begun=None, after=None):
    """Start a kernel, have it run code, and return what it printed and the errors it met.

    ``after`` is called once the code has begun, which it says by a file: what holds the interpreter prints nothing.
    """
    codes = [f"open({str(begun)!r}, 'w').close()\n{code}" if begun else code for code in codes]
    await km.start_kernel(extra_arguments=["--HistoryManager.hist_file=:memory:"])
    kc = km.client()
    kc.start_channels()
    await kc.wait_for_ready(timeout=60)
    said = []

    def hear(message):
        said.append(message["content"].get("text") or message["content"].get("ename"))

    try:
        for code in codes:
            waiting = asyncio.ensure_future(kc.execute_interactive(code, output_hook=hear, timeout=30))
            if after:
                while not begun.exists() and not waiting.done():
                    await asyncio.sleep(0.05)
                await after(kc)
            await waiting
    finally:
        kc.stop_channels()
        await km.shutdown_kernel()
    return [s for s in said if s]


BUSY = (
    "import time; time.sleep(30)",
    "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
    "while True: pass",
    "import numpy as np; [np.ones((300, 300)) @ np.ones((300, 300)) for _ in range(10**9)]",
    "import subprocess; subprocess.run(['sleep', '30'])",
)


@BOTH
@pytest.mark.parametrize("busy", BUSY)
def test_a_kernel_is_interrupted(kernels, tmp_path, warm, busy):
    choose("salesnb-warm" if warm else "local-provisioner")
    km = manager(kernels, warm=warm)

    async def interrupt(_):
        await km.interrupt_kernel()

    begun = time.monotonic()
    assert asyncio.run(talk(km, busy, begun=tmp_path / "begun", after=interrupt)) == ["KeyboardInterrupt"]
    assert time.monotonic() - begun < 25
    assert not km.has_kernel


@BOTH
def test_a_cell_may_take_only_so_long(kernels, warm):
    with pytest.raises(CellTimeoutError):
        run(["import time; time.sleep(60)"], kernels, warm=warm, timeout=1)


def test_a_timeout_that_interrupts_shows_the_same(kernels):
    cells = ["import time", "time.sleep(60)", "print('still here')"]
    assert_alike(cells, kernels, timeout=2, interrupt_on_timeout=True)


@BOTH
@pytest.mark.parametrize("death", ["import os; os._exit(3)", "import os; os.kill(os.getpid(), 9)",
                                   "import ctypes; ctypes.string_at(0)", "import os; os.abort()"])  # fmt: skip
def test_a_kernel_that_dies_is_a_dead_kernel(kernels, warm, death):
    begun = time.monotonic()
    with pytest.raises(DeadKernelError):
        run(["print('begun')", death, "print('never')"], kernels, warm=warm)
    assert time.monotonic() - begun < 20


@BOTH
def test_it_ends_with_the_code_it_gives(kernels, warm):
    async def end(code):
        await km.start_kernel()
        kc = km.client()
        kc.start_channels()
        await kc.wait_for_ready(timeout=60)
        process = km.provisioner.process
        kc.execute(code)
        while process.poll() is None:
            await asyncio.sleep(0.05)
        kc.stop_channels()
        await km.shutdown_kernel()
        return process.wait()

    choose("salesnb-warm" if warm else "local-provisioner")
    for code, expected in {"import os; os._exit(7)": 7, "import os; os.kill(os.getpid(), 9)": -9, "quit()": 0}.items():
        km = manager(kernels, warm=warm)
        assert asyncio.run(end(code)) == expected


@BOTH
def test_a_restarted_kernel_is_a_new_one(kernels, warm):
    async def restart():
        await km.start_kernel()
        first = km.provisioner.pid
        for now in (False, True):
            kc = km.client()
            kc.start_channels()
            await kc.wait_for_ready(timeout=60)
            reply = await kc.execute_interactive("assert 'x' not in dir(); x = 1", output_hook=print)
            assert reply["content"]["status"] == "ok"
            kc.stop_channels()
            await km.restart_kernel(now=now)
        assert await km.is_alive()
        assert km.provisioner.pid != first
        assert not alive(first)
        await km.shutdown_kernel(now=True)

    choose("salesnb-warm" if warm else "local-provisioner")
    km = manager(kernels, warm=warm)
    asyncio.run(restart())


LAST_WORDS = """
import atexit, threading, time, sys, weakref, zipfile
from pathlib import Path

def last():
    Path("atexit.txt").write_text("ran")

class Deleted:
    def __del__(self, write=Path.write_text, place=Path("deleted.txt")):
        write(place, "let go")

def slow():
    time.sleep(0.4)
    Path("thread.txt").write_text("finished")

atexit.register(last)
threading.Thread(target=slow).start()
threading.Thread(target=lambda: [time.sleep(0.001) for _ in iter(int, 1)], daemon=True).start()
kept = Deleted()
open_text = open("open.txt", "w"); open_text.write("never closed")
open_bytes = open("open.bin", "wb"); open_bytes.write(b"nor this")
archive = zipfile.ZipFile("open.zip", "w"); archive.writestr("a", "b")
sys.hidden = open("elsewhere.txt", "w"); sys.hidden.write("kept by a module")
sys.modules["odd"] = object()
sys.broken = open("/dev/full", "w"); sys.broken.write("cannot be written")
sys.__stdout__.write("last words\\n")
weakref.finalize(Deleted, Path("finalised.txt").write_text, "done")
"""


def test_nothing_is_lost_at_the_end(kernels, tmp_path):
    left = []
    for warm in (False, True):
        folder = tmp_path / str(warm)
        folder.mkdir()
        run([LAST_WORDS], kernels, warm=warm, cwd=folder)
        left.append({path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".zip"})
        assert (folder / "open.zip").stat().st_size > 90
    assert left[0] == left[1]
    assert len(left[0]) == 7


def test_randomness_differs_between_kernels(kernels):
    cell = "import random, uuid, numpy, multiprocessing, tempfile; print(random.random(), numpy.random.rand(), uuid.uuid4(), multiprocessing.current_process().authkey.hex(), tempfile.mktemp(), numpy.random.default_rng().random())"  # noqa: E501
    first, second = (text(run([cell], kernels, warm=True)).split() for _ in range(2))
    assert not set(first) & set(second)


def test_kernels_start_side_by_side(kernels):
    def one(number):
        return text(run([f"import pandas; print({number})"], kernels, warm=True))

    choose("salesnb-warm")
    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(one, range(20))) == [f"{n}\n" for n in range(20)]


@BOTH
@pytest.mark.parametrize("prompt", [False, True], ids=["stock client", "prompt client"])
def test_any_client_serves_any_kernel(kernels, warm, prompt):
    assert text(run(["print(1)", "print(2)"], kernels, warm=warm, prompt=prompt)) == "1\n2\n"


def test_many_kernels_leave_nothing_behind(kernels, server):
    before = len(list(Path("/proc/self/fd").iterdir()))
    pids = [int(text(run(["import os; print(os.getpid())"], kernels, warm=True))) for _ in range(5)]
    assert not any(alive(pid) or Path(f"/proc/{pid}").exists() for pid in pids)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2
    assert not ForkedKernel._living


DRIVER = """
import asyncio, os, sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.warm.kernels import choose, manager, server_of
from salesnb.warm import warm_server

async def main():
    choose("salesnb-warm")
    kms = [manager(Path({place!r}), warm=True) for _ in range(2)]
    for km in kms:
        await km.start_kernel()
    kc = kms[0].client()
    kc.start_channels()
    await kc.wait_for_ready(timeout=60)
    kc.execute("import subprocess; subprocess.Popen(['sleep', '987'])")
    await asyncio.sleep(1)
    server = server_of(os.environ["SALESNB_WARM"])
    print(server, *(km.provisioner.pid for km in kms), flush=True)
    {end}

with warm_server({modules!r}, Path({place!r})) as served:
    os.environ.update(served)
    asyncio.run(main())
"""


@pytest.mark.parametrize("end", ["time.sleep(60)", "os.fork() and os._exit(1); time.sleep(2)"], ids=["killed", "left"])
def test_all_end_with_the_process_that_started_them(place, environment, end):
    driver = DRIVER.format(root=str(Path(__file__).parents[2]), place=str(place), modules=["json"], end=end)
    process = subprocess.Popen([sys.executable, "-c", driver], stdout=subprocess.PIPE, text=True,
                               env={**os.environ, **environment})  # fmt: skip
    server, *pids = map(int, process.stdout.readline().split())
    assert len(pids) == 2
    if end.startswith("time"):
        assert all(map(alive, (server, *pids)))
        process.kill()
    process.wait()
    assert within(20, lambda: not any(map(alive, (server, *pids))))


def test_kernels_die_with_the_server_and_the_next_is_a_stock_one(kernels, tmp_path, environment, monkeypatch, caplog):
    with warm_server(["json"], kernels, environment) as served:
        monkeypatch.setenv("SALESNB_WARM", served["SALESNB_WARM"])
        choose("salesnb-warm")
        km = manager(kernels, warm=True)

        async def kill(_):
            pids.append(km.provisioner.pid)
            os.kill(server_of(served["SALESNB_WARM"]), signal.SIGKILL)
            assert within(20, lambda: not alive(km.provisioner.pid))
            assert not await km.is_alive()
            raise InterruptedError

        pids = []
        with pytest.raises(InterruptedError):
            asyncio.run(talk(km, "import time; time.sleep(30)", begun=tmp_path / "begun", after=kill))
        assert pids
        for _ in range(2):
            assert shown(run(["1 + 1"], kernels, warm=False, provisioner="salesnb-warm"))
    assert len([r for r in caplog.records if r.name.startswith("salesnb.warm")]) == 2  # once, in either language


@pytest.fixture
def fresh(monkeypatch):
    """As if nothing had been said in this process."""
    from salesnb.warm.provisioner import WarmProvisioner

    monkeypatch.setattr(WarmProvisioner, "_said", set())


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()", "threads"),
        ("print('hello')", "prints"),
        ("import warnings\nwarnings.warn('look')", "prints"),
        ("import no_such_module", "imported"),
        ("get_ipython().events.register('post_execute', print)", "hooks"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_module_that_spoils_forking_means_stock_kernels(
    kernels, environment, monkeypatch, tmp_path, caplog, fresh, module, reason
):
    (tmp_path / "spoiling.py").write_text(module)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with warm_server(["spoiling"], kernels, environment) as served:
        monkeypatch.setenv("SALESNB_WARM", served["SALESNB_WARM"])
        for _ in range(2):
            run(["1"], kernels, warm=False, provisioner="salesnb-warm")
    said = [r.getMessage() for r in caplog.records if r.name.startswith("salesnb.warm")]
    assert len(said) == 2
    assert reason in said[0]


@pytest.mark.parametrize(
    "name", ["MPLBACKEND", "PANDAS_FUTURE_INFER_STRING", "LANG", "OMP_NUM_THREADS", "PYTHONOPTIMIZE"]
)
def test_a_variable_that_imports_read_means_a_stock_kernel(kernels, monkeypatch, caplog, fresh, name):
    monkeypatch.setenv(name, "1" if name != "MPLBACKEND" else "agg")
    notebook = run([f"import os; print(os.environ[{name!r}])"], kernels, warm=False, provisioner="salesnb-warm")
    assert text(notebook)
    assert name in caplog.text


def test_a_variable_that_nothing_read_reaches_the_kernel(kernels, monkeypatch):
    monkeypatch.setenv("COMPANY", "täglich 每天 \udcff")
    assert text(run(["import os; print(ascii(os.environ['COMPANY']))"], kernels, warm=True)).startswith("'t\\xe4g")


def test_a_search_path_that_depends_on_the_folder_means_stock(kernels, environment, monkeypatch, caplog, fresh):
    monkeypatch.setenv("PYTHONPATH", "src")
    with warm_server(["json"], kernels, environment) as served:
        monkeypatch.setenv("SALESNB_WARM", served["SALESNB_WARM"])
        run(["1"], kernels, warm=False, provisioner="salesnb-warm")
    assert "PYTHONPATH" in caplog.text


def test_masks_and_streams_are_the_askers(kernels, tmp_path):
    made, mask = tmp_path / "made", os.umask(0o027)
    out, kept = os.open(tmp_path / "out", os.O_CREAT | os.O_WRONLY), os.dup(1)
    os.dup2(out, 1)
    try:
        cell = f"import os, sys; open({str(made)!r}, 'w'); print('real', file=sys.__stdout__, flush=True)"
        run([cell, "os.system('true'); sys.__stdout__.write('last words')"], kernels, warm=True)
    finally:
        os.dup2(kept, 1)
        os.umask(mask)
    assert made.stat().st_mode & 0o777 == 0o640
    assert "last words" in (tmp_path / "out").read_text()


@pytest.mark.parametrize("file", ["numpy.py", "pandas/__init__.py", "matplotlibrc"])
def test_what_a_cell_would_import_from_its_folder_means_a_stock_kernel(kernels, tmp_path, fresh, caplog, file):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text("figure.dpi: 50" if "rc" in file else "mine = True")
    cell = "import matplotlib; print(matplotlib.rcParams['figure.dpi'])" if "rc" in file else "import numpy, pandas"
    run([cell], kernels, warm=False, provisioner="salesnb-warm", cwd=tmp_path)
    assert file.split("/")[0] in caplog.text


def test_the_folder_of_the_package_itself_is_no_obstacle(kernels, tmp_path):
    run(["import salesnb"], kernels, warm=True, cwd=Path(__file__).parents[2])
    (tmp_path / "pandas").mkdir()
    (tmp_path / "numpy.csv").touch()
    run(["import pandas"], kernels, warm=True, cwd=tmp_path)


def test_a_folder_that_is_not_there_fails_alike(kernels, tmp_path):
    said = set()
    for warm in (False, True):
        with pytest.raises(FileNotFoundError) as fault:
            run(["1"], kernels, warm=warm, cwd=tmp_path / "no")
        said.add(str(fault.value))
    assert len(said) == 1


def test_what_the_server_is_asked_must_be_a_request(kernels, server):
    import socket

    for nonsense in (b"", b"k", b"x{}\n", b"k{}\n"):
        # The server may hang up at the first byte: then the rest cannot be sent, which is an answer too.
        with socket.socket(socket.AF_UNIX) as connection, suppress(ConnectionError):
            connection.connect(server["SALESNB_WARM"])
            if nonsense:
                socket.send_fds(connection, [nonsense[:1]], [1, 2])
                connection.sendall(nonsense[1:])
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(10) == b""
    assert text(run(["print(1)"], kernels, warm=True)) == "1\n"


def test_the_socket_is_private(server):
    assert Path(server["SALESNB_WARM"]).parent.stat().st_mode & 0o077 == 0


def test_the_server_leaves_nothing_behind(place, environment):
    before = set(place.iterdir())
    with warm_server(MODULES, place, environment) as served:
        pid = server_of(served["SALESNB_WARM"])
    assert not alive(pid)
    assert set(place.iterdir()) == before


@pytest.mark.parametrize(("fault", "code", "told"), [(KeyboardInterrupt, 130, ""), (OSError, 1, "OSError")])
def test_a_kernel_stopped_while_it_comes_up_says_nothing_and_one_that_fails_says_why(
    monkeypatch, capsys, fault, code, told
):
    from salesnb.warm import server as served

    ours, theirs = socket.socketpair()
    asked, left = SimpleNamespace(connection=""), []
    monkeypatch.setattr(sys, "argv", ["server", str(ours.detach())])
    monkeypatch.setattr(served.gc, "freeze", lambda: None)
    monkeypatch.setattr(served, "import_as_in_a_kernel", lambda modules: ())
    monkeypatch.setattr(served.Server, "serve", lambda self: asked)
    monkeypatch.setattr(served.kernel, "detach", lambda *given: None)
    monkeypatch.setattr(served.kernel, "start", Mock(side_effect=fault))
    monkeypatch.setattr(served.kernel, "leave", lambda code, imported: left.append(code))
    served.main()
    theirs.close()
    assert left == [code]
    assert capsys.readouterr().err.strip().rpartition("\n")[2] == told


def test_a_kernel_whose_asker_hung_up_while_it_came_up_leaves_without_a_word(monkeypatch):
    """The batch is stopped between the kernel's two messages: there is nobody to tell, and nothing to complain of."""
    from ipykernel import kernelapp

    from salesnb.warm import kernel

    monkeypatch.setattr(kernelapp.IPKernelApp, "instance", lambda **given: SimpleNamespace(initialize=lambda: None))
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(SystemExit) as leaving:
        kernel.start(ours)
    assert leaving.value.code == kernel.INTERRUPTED
