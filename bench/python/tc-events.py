"""Prints what the kernel tells about qdiscs and filters of all namespaces that this one has a number for.

A line is the wall clock in nanoseconds, the message's type, the namespace's number (-1: this one) and the interface's index.
"""
import socket
import struct
import time

SOL_NETLINK = 270
NETLINK_LISTEN_ALL_NSID = 8
RTMGRP_TC = 1 << 3
NLMSG_HEADER = struct.Struct("=IHHII")

monitor = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
monitor.setsockopt(SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1)
monitor.bind((0, RTMGRP_TC))
print("ready", flush=True)
while True:
    data, ancillary, _, _ = monitor.recvmsg(1 << 16, 256)
    now = time.time_ns()
    nsid = -1
    for level, kind, value in ancillary:
        if level == SOL_NETLINK and kind == NETLINK_LISTEN_ALL_NSID:
            nsid = struct.unpack("=i", value)[0]
    length, kind, _, _, _ = NLMSG_HEADER.unpack_from(data)
    ifindex = struct.unpack_from("=i", data, NLMSG_HEADER.size + 4)[0]
    print(now, kind, nsid, ifindex, flush=True)
