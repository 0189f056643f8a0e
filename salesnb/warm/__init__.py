"""Kernels that start at once: real ipykernels, forked from a process that has the heavy modules imported already.

A stock kernel spends most of its start importing. Here one server process imports once and forks a kernel for each
notebook: its own process, its own state, the same outputs to the last byte. Jupyter is asked for it in its own way, by
the name of a kernel provisioner in the environment, so papermill and nbclient need not know. Where a fork could differ
from a stock kernel in anything, a stock kernel is started instead: a variable that an import read has changed, the
server has threads, a module spoke while it was imported.

`salesnb.warm.starting` starts the server, `salesnb.warm.server` is it, `salesnb.warm.importing` is what it imports and
what it notes, `salesnb.warm.kernel` turns the forked process into a kernel, `salesnb.warm.provisioner` asks for one,
`salesnb.warm.client` waits for it no longer than it takes.
"""

from salesnb.warm.starting import supported, warm_server

__all__ = ["supported", "warm_server"]
