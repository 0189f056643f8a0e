"""Memory, cores and open files: what the system and its control groups leave against what workers need."""

import os
import resource
from contextlib import contextmanager

import pytest

from salesnb import data
from salesnb.doctor.machine import look_at_cores, look_at_memory, look_at_open_files
from salesnb.doctor.workload import KERNEL, PROGRAM, WORKER, Workload, workload_of
from salesnb.limits import available_memory, usable_cores
from tests.doctor.conftest import one

GB = 1 << 30
MOUNT_2 = "30 20 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
MOUNT_1 = (
    "31 20 0:27 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "32 20 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
)


@pytest.fixture
def system(tmp_path):
    """Return a function that writes the files in which a system says what it has: path -> text."""

    def make(files):
        given = {"proc/meminfo": f"MemTotal: 1 kB\nMemAvailable: {8 * GB // 1024} kB\n", **files}
        for path, text in given.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return tmp_path

    return make


def test_without_control_groups_all_that_is_available_counts(system):
    assert available_memory(system({})) == 8 * GB
    assert usable_cores(system({})) == len(os.sched_getaffinity(0))


def test_the_tightest_of_nested_groups_counts_and_idle_cache_is_free(system):
    group = "sys/fs/cgroup/user/batch"
    root = system(
        {
            "proc/self/cgroup": "0::/user/batch\n",
            "proc/self/mountinfo": MOUNT_2,
            f"{group}/memory.max": "max\n",
            f"{group}/memory.current": "5\n",
            f"{group}/cpu.max": "max 100000\n",
            "sys/fs/cgroup/user/memory.max": f"{3 * GB}\n",
            "sys/fs/cgroup/user/memory.current": f"{2 * GB}\n",
            "sys/fs/cgroup/user/memory.stat": f"anon 7\ninactive_file {GB // 2}\n",
            "sys/fs/cgroup/user/cpu.max": "50000 100000\n",
        }
    )
    assert available_memory(root) == GB + GB // 2
    assert usable_cores(root) == 0.5


def test_groups_of_version_1_seen_from_inside_a_container(system):
    root = system(
        {
            "proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n",
            "proc/self/mountinfo": MOUNT_1,
            "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{2 * GB}\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{GB}\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "150000\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        }
    )
    assert available_memory(root) == GB
    assert usable_cores(root) == min(1.5, len(os.sched_getaffinity(0)))


def test_groups_without_limit_change_nothing(system):
    root = system(
        {
            "proc/self/cgroup": "4:memory:/\n3:cpu,cpuacct:/\n",
            "proc/self/mountinfo": MOUNT_1.replace("/docker/abc", "/"),
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{GB}\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        }
    )
    assert available_memory(root) == 8 * GB
    assert usable_cores(root) == len(os.sched_getaffinity(0))


def test_a_platform_that_does_not_say_is_no_ok(request_for, tmp_path, monkeypatch):
    assert available_memory(tmp_path / "elsewhere") is None
    monkeypatch.setattr("salesnb.doctor.machine.available_memory", lambda: None)
    assert one(look_at_memory(request_for(workers=1))).state == "warn"


def test_one_worker_fits_and_ten_thousand_do_not(request_for):
    assert one(look_at_memory(request_for(workers=1))).state == "ok"
    found = one(look_at_memory(request_for(workers=10_000)))
    assert (found.state, found.code) == ("fail", "short")
    assert "5.5 TB" in found.line()


def test_where_not_one_fits_no_number_of_workers_is_advised(request_for, monkeypatch):
    monkeypatch.setattr("salesnb.doctor.machine.available_memory", lambda: GB // 2)
    found = one(look_at_memory(request_for(workers=1)))
    assert (found.state, found.code) == ("fail", "none")


def test_no_more_workers_are_counted_than_there_are_teams_once_the_store_knows_them(request_for):
    asked = request_for(workers=10_000)
    data.open_store(asked.data)
    load = workload_of(asked)
    assert (load.known, load.teams) == (True, 2)
    assert load.memory(10_000) == load.memory(3)
    assert one(look_at_memory(asked)).state == "ok"


def test_workers_hold_the_whole_company_and_the_largest_teams():
    load = Workload(0, 60, (30, 20, 10), 3, 5)
    base = WORKER + KERNEL
    assert load.memory(1) == PROGRAM + base + 60
    assert load.memory(3) == PROGRAM + 3 * base + 60 + 50
    assert load.workers_within(load.memory(3)) == 3
    assert load.workers_within(load.memory(3) - 1) == 2
    assert load.workers_within(PROGRAM) == 0


def test_more_workers_than_cores_are_advised_against(request_for):
    cores = len(os.sched_getaffinity(0))
    assert one(look_at_cores(request_for(workers=1))).state == "ok"
    assert one(look_at_cores(request_for(workers=cores + 1))).state == "warn"


@contextmanager
def open_file_limit(count):
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_too_few_open_files_are_told_with_the_number_to_ask_for(request_for):
    asked = request_for(workers=1)
    assert one(look_at_open_files(asked)).state == "ok"
    with open_file_limit(200):
        found = one(look_at_open_files(asked))
    assert (found.state, found.code) == ("fail", "few")
    assert f"ulimit -n {found.fields['need']}" in found.line()
    assert one(look_at_open_files(request_for(workers=1_000_000))).code == "capped"
