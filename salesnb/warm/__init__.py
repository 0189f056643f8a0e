"""Kernels that start at once: real ipykernels, forked from a process that has the heavy modules imported already.

A stock kernel spends most of its start importing. Here one server process imports once and forks a kernel for each
notebook: its own process, its own state, the same outputs to the last byte. Jupyter is asked for it in its own way, by
the name of a kernel provisioner in the environment, so papermill and nbclient need not know. Where a fork could differ
from a stock kernel in anything, a stock kernel is started instead: a variable that an import read has changed, the
server has threads, a module spoke while it was imported.

`starting` starts the server and `server` is it. `importing` imports in it as a cell would (`cell`) and notes what
that took; `held` keeps the modules out of sight until a notebook imports them. `kernel` turns the forked process into
a kernel, whose empty streams `stream` does not wait for. On the other side, `provisioner` asks for one (`request`,
`forked`) and `client` waits for it, no longer than it takes.

What still tells a forked kernel from a stock one: its parent and its command line, which are the server's, and process
limits, priority and processors, which it has from whoever started the server.
"""

from salesnb.warm.starting import supported, warm_server

__all__ = ["supported", "warm_server"]
