"""Exports: readers of the registry and of history. They write files, named cuts and an entry in the trail, nothing else."""

VERSION = "0.1"  # of the software, as every manifest names it
