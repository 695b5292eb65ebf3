"""A Dask cluster on loopback of as many worker processes as its argument says.

Prints its address, and ends when its standard input does.
"""

import sys

import dask
from distributed import LocalCluster

if __name__ == "__main__":
    dask.config.set(
        {"distributed.scheduler.allowed-failures": 0}
    )  # a picture that ends its worker does so at once
    with LocalCluster(n_workers=int(sys.argv[1]), threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
