"""Lets the pytest that runs notebooks fork their kernels: `-p forked`."""

from workbench.run import forks

forks.use()
