"""qdisc-loop.py IFINDEX CHANGES JSON: pyroute2 for bench/netlink.mjs; prints nanoseconds per change.

JSON is a list of two objects, the keyword arguments of IPRoute.tc for the two settings.
"""

import json
import sys
import time

from pyroute2 import IPRoute

ifindex, changes = int(sys.argv[1]), int(sys.argv[2])
settings = json.loads(sys.argv[3])


def run(route: IPRoute, count: int) -> None:
    for number in range(count):
        route.tc("replace", index=ifindex, handle=0x10000, parent=0xFFFFFFFF, **settings[number % 2])


with IPRoute() as iproute:
    run(iproute, changes // 10)
    start = time.perf_counter()
    run(iproute, changes)
    print(f"{(time.perf_counter() - start) / changes * 1e9:.3f}")
